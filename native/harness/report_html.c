/* The page: page.html with the report's JSON in it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

extern const unsigned char pd_page_html[];

static const char MARK[] = "@REPORT@";

/* '<' occurs in JSON only inside strings; escaped, the text cannot end the script element. */
static int write_escaped(const char *bytes, size_t size, void *context) {
  FILE *file = context;
  for (size_t i = 0; i < size; i++) {
    int written = bytes[i] == '<' ? fputs("\\u003c", file) : fputc(bytes[i], file);
    if (written == EOF)
      return -1;
  }
  return 0;
}

bool pd_page_write(const json_t *document, const char *path, struct pd_error *error) {
  const char *page = (const char *)pd_page_html;
  const char *mark = strstr(page, MARK);
  if (document == NULL || mark == NULL)
    return pd_fail(error, "the page cannot be made");
  FILE *file = fopen(path, "we");
  if (file == NULL)
    return pd_fail_errno(error, "%s cannot be written", path);
  bool ok = fwrite(page, 1, (size_t)(mark - page), file) == (size_t)(mark - page) &&
            json_dump_callback(document, write_escaped, file, JSON_COMPACT) == 0 &&
            fputs(mark + sizeof MARK - 1, file) != EOF;
  int code = errno;
  if (fclose(file) != 0)
    ok = false;
  errno = code;
  return ok || pd_fail_errno(error, "%s cannot be written", path);
}

bool pd_report_html(const struct pd_report *report, const char *path, struct pd_error *error) {
  json_t *document = pd_report_json(report, false);
  bool ok = pd_page_write(document, path, error);
  json_decref(document);
  return ok;
}
