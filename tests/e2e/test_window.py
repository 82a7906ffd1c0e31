"""Business hours: outside of them a run is idle, and says until when."""

import datetime
import os

import forebay

PIPELINE = """\
pipeline: shop
window: %s
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
"""
TOKYO = '{days: mon-fri, hours: "09:00-18:00", timezone: Asia/Tokyo}'


def tokyo(text):
    """"2025-05-12 09:00" in Tokyo, as FOREBAY_NOW takes it."""
    moment = datetime.datetime.fromisoformat(text)
    return (moment - datetime.timedelta(hours=9)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


class Window(forebay.Case):
    def setUp(self):
        super().setUp()
        self.write("store/raw/a.csv", "x\n1\n")

    def pipeline(self, window=TOKYO):
        return self.write("shop.yaml", PIPELINE % window)

    def idle_at(self, now, window=TOKYO):
        """Why nothing was done at a time; a run is a failure."""
        run = self.work(self.pipeline(window), now=now)
        self.assertEqual(run.runs(), [], str(run))
        self.assertFalse(os.path.exists(self.path("store/out")))
        return run.idle()[0]

    def runs_at(self, now, window=TOKYO):
        run = self.work(self.pipeline(window), now=now)
        self.assertEqual(len(run.runs()), 1, str(run))


class Hours(Window):
    def test_a_minute_before_nine_it_is_closed_until_nine(self):
        self.assertEqual(self.idle_at(tokyo("2025-05-12 08:59")),
                         "window closed until 09:00 JST")

    def test_at_nine_it_is_open(self):
        self.runs_at(tokyo("2025-05-12 09:00"))

    def test_a_second_before_six_it_is_open(self):
        self.runs_at(tokyo("2025-05-12 17:59:59"))

    def test_at_six_it_is_closed_until_the_next_morning(self):
        self.assertEqual(self.idle_at(tokyo("2025-05-12 18:00")),
                         "window closed until Tue 2025-05-13 09:00 JST")

    def test_hours_over_midnight_belong_to_the_day_they_begin(self):
        window = '{days: fri, hours: "22:00-02:00", timezone: Asia/Tokyo}'
        self.idle_at(tokyo("2025-05-16 01:00"), window)
        self.runs_at(tokyo("2025-05-17 01:00"), window)

    def test_several_spans_leave_a_lunch_break(self):
        window = '{hours: ["09:00-12:00", "13:00-18:00"], ' \
                 'timezone: Asia/Tokyo}'
        self.assertEqual(self.idle_at(tokyo("2025-05-12 12:30"), window),
                         "window closed until 13:00 JST")
        self.runs_at(tokyo("2025-05-12 13:00"), window)

    def test_the_zone_is_the_pipelines_and_not_the_machines(self):
        run = self.work(self.pipeline(), now=tokyo("2025-05-12 10:00"),
                        env={"TZ": "America/New_York"})
        self.assertEqual(len(run.runs()), 1)

    def test_the_wall_clock_counts_when_clocks_change(self):
        window = '{hours: "09:00-18:00", timezone: Europe/Berlin}'
        self.idle_at("2025-03-28T07:59:00Z", window)  # CET, an hour east
        self.idle_at("2025-03-31T06:59:00Z", window)  # CEST, two
        self.runs_at("2025-03-31T07:00:00Z", window)


class Days(Window):
    def test_on_saturday_it_is_closed_until_monday(self):
        self.assertEqual(self.idle_at(tokyo("2025-05-10 12:00")),
                         "window closed until Mon 2025-05-12 09:00 JST")

    def test_saturday_in_tokyo_is_what_counts_on_friday_in_london(self):
        self.idle_at("2025-05-09T16:00:00Z")

    def test_a_list_of_days_is_taken(self):
        window = "{days: [mon, wed-thu], timezone: Asia/Tokyo}"
        self.idle_at(tokyo("2025-05-13 12:00"), window)
        self.runs_at(tokyo("2025-05-15 12:00"), window)

    def test_without_a_window_it_is_always_open(self):
        self.write("shop.yaml", (PIPELINE % "").replace("window: \n", ""))
        run = self.work(self.path("shop.yaml"), now=tokyo("2025-05-11 03:00"))
        self.assertEqual(len(run.runs()), 1)


class Holidays(Window):
    WINDOW = TOKYO.replace("}", ", holidays: off.csv}")

    def setUp(self):
        super().setUp()
        # As the Cabinet Office of Japan publishes them: code page 932, CRLF.
        self.write("off.csv", "国民の祝日・休日月日,国民の祝日・休日名称\r\n"
                   "2025/5/5,こどもの日\r\n2025/5/6,休日\r\n"
                   .encode("cp932"))

    def test_on_a_holiday_it_is_closed_until_the_next_working_day(self):
        self.assertEqual(
            self.idle_at(tokyo("2025-05-05 12:00"), self.WINDOW),
            "window closed until Wed 2025-05-07 09:00 JST")

    def test_on_other_days_it_is_open(self):
        self.runs_at(tokyo("2025-05-07 12:00"), self.WINDOW)

    def test_a_plain_list_of_dates_is_taken(self):
        self.write("off.csv", "# closed\n2025-05-12\n")
        self.idle_at(tokyo("2025-05-12 12:00"), self.WINDOW)

    def test_the_file_is_found_from_any_folder(self):
        run = self.work(self.pipeline(self.WINDOW), cwd="/",
                        now=tokyo("2025-05-05 12:00"))
        self.assertEqual(run.runs(), [])


class Ignoring(Window):
    def test_a_flag_opens_it(self):
        run = self.work(self.pipeline(), "--ignore-window",
                        now=tokyo("2025-05-10 12:00"))
        self.assertEqual(len(run.runs()), 1)

    def test_so_does_its_twin(self):
        run = self.work(self.pipeline(), now=tokyo("2025-05-10 12:00"),
                        env={"FOREBAY_IGNORE_WINDOW": "1"})
        self.assertEqual(len(run.runs()), 1)

    def test_closed_is_said_on_stdout_and_is_a_success(self):
        run = self.work(self.pipeline(), now=tokyo("2025-05-10 12:00"))
        self.assertEqual(run.out, "shop: idle: window closed until Mon "
                                  "2025-05-12 09:00 JST\n")

    def test_a_dry_run_explains_outside_of_the_hours_too(self):
        run = self.work(self.pipeline(), "--dry-run",
                        now=tokyo("2025-05-10 12:00"))
        self.assertIn("window closed until", run.out)
        self.assertRegex(run.out, r"would run +\S+/raw/a\.csv")

    def test_the_upload_waits_and_is_done_when_it_opens(self):
        self.idle_at(tokyo("2025-05-10 12:00"))
        self.runs_at(tokyo("2025-05-12 09:00"))

    def test_a_wrong_clock_is_refused(self):
        run = self.work(self.pipeline(), now="tomorrow", status=2)
        self.assertIn("FOREBAY_NOW", run.err)
