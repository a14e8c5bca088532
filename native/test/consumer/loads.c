/* Loads a library as a JVM does and looks a function up: loads LIBRARY FUNCTION. */
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **arguments) {
  void *library = count == 3 ? dlopen(arguments[1], RTLD_NOW) : NULL;
  if (!library || !dlsym(library, arguments[2])) {
    fprintf(stderr, "%s\n", count == 3 ? dlerror() : "usage: loads LIBRARY FUNCTION");
    return 1;
  }
  return 0;
}
