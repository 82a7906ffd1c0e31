#include "cost.h"

#include <stdlib.h>

#include "aws/json.h"

#define MIB ((int64_t)1 << 20)
#define LEAST_MIB 10

void
cost_bytes(int64_t bytes, char text[COST_BYTES_MAX])
{
    static const char *const units[] = {"bytes", "KiB", "MiB",
                                        "GiB",   "TiB", "PiB"};
    double number = (double)bytes;
    size_t unit = 0;

    while (number >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        number /= 1024;
        unit++;
    }
    snprintf(text, COST_BYTES_MAX, unit == 0 ? "%.0f %s" : "%.1f %s", number,
             units[unit]);
}

int
cost_price(const char *text, double *price)
{
    size_t digits = strspn(text, "0123456789"), behind = 0;
    double unit = 1;

    if (text[digits] == '.')
        behind = strspn(text + digits + 1, "0123456789");
    if (digits == 0 || digits > 9 || behind > 9 ||
        text[digits + (behind > 0 ? behind + 1 : 0)] != '\0')
        return -1;
    /* Not strtod: the point is a point in every locale. */
    *price = 0;
    for (size_t i = 0; i < digits; i++)
        *price = *price * 10 + (text[i] - '0');
    for (size_t i = 0; i < behind; i++) {
        unit /= 10;
        *price += unit * (text[digits + 1 + i] - '0');
    }
    return 0;
}

double
cost_of(int64_t scanned, bool reused, double price)
{
    int64_t mib = scanned / MIB + (scanned % MIB != 0);

    if (reused || scanned == 0)
        return 0;
    return (double)(mib < LEAST_MIB ? LEAST_MIB : mib) / (double)MIB * price;
}

static const json_t *
statistics_of(const json_t *execution)
{
    return json_object_get(execution, "Statistics");
}

static int64_t
number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? (int64_t)json_number_value(value) : 0;
}

int64_t
cost_scanned(const json_t *execution)
{
    return number_of(statistics_of(execution), "DataScannedInBytes");
}

void
cost_tell(struct fb_step *step, const json_t *execution, double price)
{
    const json_t *statistics = statistics_of(execution);
    int64_t scanned = cost_scanned(execution);
    bool reused = json_is_true(
        json_object_get(json_object_get(statistics, "ResultReuseInformation"),
                        "ReusedPreviousResult"));
    char text[COST_BYTES_MAX];

    cost_bytes(scanned, text);
    fb_fact(step, "query", "%s",
            aws_json_text(execution, "QueryExecutionId") != NULL
                ? aws_json_text(execution, "QueryExecutionId")
                : "unknown");
    fb_fact(step, "scanned", "%s%s", text,
            reused ? " (an older result was used again)" : "");
    fb_fact(step, "engine time", "%.1f s",
            (double)number_of(statistics, "EngineExecutionTimeInMillis") /
                1000);
    fb_fact(step, "queued", "%.1f s",
            (double)number_of(statistics, "QueryQueueTimeInMillis") / 1000);
    fb_fact(step, "cost", "%.6f (at %.2f for 1 TiB)",
            cost_of(scanned, reused, price), price);
}
