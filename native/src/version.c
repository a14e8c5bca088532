#include "ztc/ztc.h"

const char *ztc_version(void) {
  return ZTC_VERSION_STRING;
}

uint32_t ztc_abi_version(void) {
  return ZTC_ABI_VERSION;
}
