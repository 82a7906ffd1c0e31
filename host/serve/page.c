/*
 * serve/page.c: what all pages share.  No script, nothing from elsewhere.
 */
#include "serve/page.h"

#include <assert.h>

const char page_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--mut:#57606a;"
    "--line:#d0d7de;--soft:#f6f8fa;--link:#0550ae;--good:#116329;"
    "--bad:#a40e26;--warn:#7d4e00}"
    "@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;"
    "--mut:#9198a1;--line:#30363d;--soft:#161b22;--link:#79b8ff;"
    "--good:#56d364;--bad:#ff9492;--warn:#e3b341}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--bg);color:var(--fg);"
    "font:16px/1.5 system-ui,sans-serif}"
    "header,main,footer{max-width:75rem;margin:0 auto;padding:0 1rem}"
    "header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;"
    "padding-top:1rem;padding-bottom:.5rem;"
    "border-bottom:1px solid var(--line)}"
    "header strong{margin-right:auto}header a+a{margin-left:.75rem}"
    "footer{color:var(--mut);padding-top:2rem;padding-bottom:2rem;"
    "font-size:.875rem}"
    "a{color:var(--link)}"
    "a:focus-visible,button:focus-visible,select:focus-visible,"
    "input:focus-visible,.wide:focus-visible{outline:2px solid var(--link);"
    "outline-offset:2px}"
    ".skip{position:absolute;left:-100rem}.skip:focus{left:1rem}"
    "h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}"
    "h2{font-size:1.125rem;margin-top:2rem}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:.9375rem}"
    "caption{text-align:left;color:var(--mut);padding:.25rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.375rem .75rem;"
    "border-bottom:1px solid var(--line);unicode-bidi:isolate}"
    "tbody th{min-width:9rem;overflow-wrap:anywhere}"
    "tbody th .mut{font-weight:400}"
    ".text{min-width:14rem;max-width:40rem;overflow-wrap:anywhere}"
    "thead th{background:var(--soft);white-space:nowrap}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}"
    "td time,code{white-space:nowrap}"
    "code{font-family:ui-monospace,monospace;font-size:.875em}"
    "dl{display:grid;grid-template-columns:max-content minmax(0,1fr);"
    "gap:.25rem 1rem}"
    "dt{color:var(--mut)}dd{margin:0;overflow-wrap:anywhere;"
    "unicode-bidi:isolate}"
    ".good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
    ".mut{color:var(--mut)}"
    ".error{border-left:4px solid var(--bad);background:var(--soft);"
    "padding:.5rem 1rem;overflow-wrap:anywhere;unicode-bidi:isolate}"
    "form{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:end;"
    "margin:1rem 0}"
    "label{display:grid;font-size:.875rem;color:var(--mut)}"
    "select,input,button{min-height:2.25rem}input{width:7rem}"
    "select,input,button{font:inherit;padding:.25rem .5rem;"
    "color:var(--fg);background:var(--bg);border:1px solid var(--mut);"
    "border-radius:.25rem}"
    "@media print{header nav,form,footer{display:none}}";

void
page_begin(struct html *html, const char *title)
{
    html_raw(html, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
                   "<meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" "
                   "content=\"width=device-width,initial-scale=1\">"
                   "<title>");
    html_text(html, title);
    html_raw(html, " \xC2\xB7 forebay</title>"
                   "<link rel=\"stylesheet\" href=\"/style.css\">"
                   "<link rel=\"icon\" href=\"data:,\"></head>\n<body>"
                   "<a class=\"skip\" href=\"#main\">Skip to the content</a>"
                   "<header><strong>forebay</strong><nav aria-label=\"Pages\">"
                   "<a href=\"/\">Pipelines</a> <a href=\"/runs\">Runs</a>"
                   "</nav></header>\n<main id=\"main\"><h1>");
    html_text(html, title);
    html_raw(html, "</h1>\n");
}

void
page_end(struct html *html)
{
    html_raw(html, "</main>\n<footer>forebay " FB_VERSION
                   ". All times are UTC.</footer></body></html>\n");
}

void
page_message(struct html *html, const char *title, const char *text)
{
    page_begin(html, title);
    html_raw(html, "<p>");
    html_text(html, text);
    html_raw(html, "</p>\n");
    page_end(html);
}

void
page_outcome(struct html *html, enum run_state state)
{
    static const struct {
        const char *css, *mark, *word;
    } shown[] = {
        [RUN_NONE] = {"mut", "&#8211;", "never ran"},
        [RUN_STARTED] = {"warn", "&#8230;", "started"},
        [RUN_DONE] = {"good", "&#10003;", "done"},
        [RUN_FAILED] = {"bad", "&#10007;", "failed"},
        [RUN_RETRY] = {"warn", "&#8635;", "will be retried"},
        [RUN_MISTAKE] = {"bad", "&#10007;", "mistake in the pipeline"},
    };

    assert(state <= RUN_MISTAKE);
    html_printf(html,
                "<span class=\"%s\"><span aria-hidden=\"true\">%s</span> "
                "%s</span>",
                shown[state].css, shown[state].mark, shown[state].word);
}
