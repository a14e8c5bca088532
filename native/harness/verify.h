/* `pagediff verify`: workers that copy every record of a region, the story's control beside them,
 * and the controls on the region's own mapping. */
#ifndef PD_VERIFY_H
#define PD_VERIFY_H

#include "progress.h"
#include "report.h"

struct pd_verify_options {
  size_t workers;
  bool sequential;
  uint64_t seed;
  uint64_t records; /* a worker copies at most so many */
  enum pd_mapping_kind mapping;
  struct pd_host host;
  bool heap;           /* run the story's control */
  double memory_share; /* of the available memory that the story's control may take */
};

void pd_verify_defaults(struct pd_verify_options *options);

/* Opens the image in a descriptor over a mapping. */
typedef bool pd_source_opener(struct pd_source *source, const struct pd_mapping *mapping,
                              struct pd_error *error);

/* Verifies the first `size` bytes of `fd`, whose name is `path` (borrowed). False on a system
 * failure; an unfavourable verdict is no failure. Free `run` through its report. */
bool pd_verify(const char *path, int fd, size_t size, pd_source_opener *open_source,
               const struct pd_verify_options *options, struct pd_progress *progress,
               struct pd_run *run, struct pd_error *error);

/* Opens and verifies a region file. */
bool pd_verify_region(const char *path, const struct pd_verify_options *options,
                      struct pd_progress *progress, struct pd_run *run, struct pd_error *error);

#endif
