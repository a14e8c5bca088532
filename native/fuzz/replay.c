/* Runs a target on files, and on the files of folders, without any engine: replay FILE|FOLDER... */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned long inputs;

/* The input in a block of exactly its size, so that a sanitizer sees the first byte too many. */
static bool run_file(const char *path, off_t size) {
  FILE *f = fopen(path, "rb");
  uint8_t *data = malloc((size_t)size);
  const bool read = f != NULL && fread(data, 1, (size_t)size, f) == (size_t)size;
  if (f != NULL) fclose(f);
  if (read) {
    LLVMFuzzerTestOneInput(data, (size_t)size);
    inputs++;
  } else {
    fprintf(stderr, "cannot read %s\n", path);
  }
  free(data);
  return read;
}

static bool run_path(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) {
    perror(path);
    return false;
  }
  if (S_ISREG(status.st_mode)) return run_file(path, status.st_size);
  DIR *folder = opendir(path);
  if (folder == NULL) {
    perror(path);
    return false;
  }
  bool good = true;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char name[4096];
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    good = run_path(name) && good;
  }
  closedir(folder);
  return good;
}

int main(int argc, char **argv) {
  bool good = argc > 1;
  for (int i = 1; i < argc; i++) good = run_path(argv[i]) && good;
  printf("%lu inputs\n", inputs);
  return good && inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
