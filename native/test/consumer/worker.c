#include <stdio.h>
#include <ztc/ztc.h>

int main(int argc, char **argv) {
  char copy[1 << 16];
  uint64_t size;
  ztc_region *region;
  ztc_error error;
  if (argc < 2 || ztc_region_open(argv[1], 0, &region, &error) != ZTC_OK) return 1;
  if (ztc_copy(region, 0, copy, sizeof copy, &size, NULL) != ZTC_OK) return 1;
  printf("%llu records, the first has %llu bytes\n", (unsigned long long)ztc_region_count(region),
         (unsigned long long)size);
}
