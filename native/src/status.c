#include "ztc/ztc.h"

const char *ztc_status_name(ztc_status status) {
  switch (status) {
#define NAME(code, name, text)                                                                     \
  case ZTC_##name:                                                                                 \
    return #name;
    ZTC_STATUS_LIST(NAME)
#undef NAME
  }
  return "UNKNOWN";
}

const char *ztc_status_text(ztc_status status) {
  switch (status) {
#define TEXT(code, name, text)                                                                     \
  case ZTC_##name:                                                                                 \
    return text;
    ZTC_STATUS_LIST(TEXT)
#undef TEXT
  }
  return "unknown status";
}
