/*
 * Runs a target on files, and on the files of folders, without any engine:
 *   replay [-mN] FILE|FOLDER...
 * With -mN each input is also mutated N times by the target's own mutator, the same way in each run.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
    __attribute__((weak));

static unsigned long inputs;
static unsigned mutations;

/* A place for an input, behind which no byte can be read: a block of exactly its size where a
   sanitizer looks, else one that ends at a guard page, and begins behind another. It is aligned as
   regions are, which are whole words; up to 7 bytes may follow other inputs. */
#ifdef __SANITIZE_ADDRESS__
static uint8_t *place_of(size_t size) { return malloc(size); }
static void leave(uint8_t *data, size_t size) {
  (void)size;
  free(data);
}
#else
enum { PAGE = 65536 }; /* the largest that Linux has */
static size_t whole_pages(size_t size) { return (size + PAGE - 1) / PAGE * PAGE; }

static uint8_t *place_of(size_t size) {
  const size_t pages = whole_pages(size);
  uint8_t *area = mmap(NULL, pages + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED || mprotect(area + PAGE, pages, PROT_READ | PROT_WRITE) != 0) {
    perror("guard pages");
    exit(EXIT_FAILURE);
  }
  return area + PAGE + pages - (size + 7) / 8 * 8;
}

static void leave(uint8_t *data, size_t size) {
  const size_t pages = whole_pages(size);
  munmap(data + (size + 7) / 8 * 8 - pages - PAGE, pages + 2 * PAGE);
}
#endif

/* Mutations of mutations, from the original again every few steps. */
static void run_mutations(const uint8_t *original, size_t size) {
  uint8_t *data = place_of(size);
  for (unsigned seed = 1; seed <= mutations; seed++) {
    if (seed % 4 == 1) memcpy(data, original, size);
    LLVMFuzzerCustomMutator(data, size, size, seed);
    LLVMFuzzerTestOneInput(data, size);
    inputs++;
  }
  leave(data, size);
}

static bool run_file(const char *path, off_t size) {
  FILE *f = fopen(path, "rb");
  uint8_t *data = place_of((size_t)size);
  const bool read = f != NULL && fread(data, 1, (size_t)size, f) == (size_t)size;
  if (f != NULL) fclose(f);
  if (read) {
    LLVMFuzzerTestOneInput(data, (size_t)size);
    inputs++;
    if (mutations > 0 && size > 128) run_mutations(data, (size_t)size);
  } else {
    fprintf(stderr, "cannot read %s\n", path);
  }
  leave(data, (size_t)size);
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
  int first = 1;
  if (argc > 1 && strncmp(argv[1], "-m", 2) == 0 && LLVMFuzzerCustomMutator != NULL) {
    mutations = (unsigned)atoi(argv[first++] + 2);
  }
  for (int i = first; i < argc; i++) good = run_path(argv[i]) && good;
  printf("%lu inputs\n", inputs);
  return good && inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
