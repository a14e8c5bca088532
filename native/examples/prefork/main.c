/* A prefork server over one region: see README.md. */
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <ztc/ztc.h>

#include "pool.h"

enum { BACKLOG = 128, EXIT_USAGE = 2 };

static const char USAGE[] = "Usage: prefork [--workers N] [--port PORT] REGION\n"
                            "  --workers N    worker processes, 1 to 256 (4)\n"
                            "  --port PORT    on the loopback address; 0 takes a free one (0)\n";

static bool number_of(const char *text, long least, long most, long *out) {
  char *end;
  *out = strtol(text, &end, 10);
  return end != text && *end == '\0' && *out >= least && *out <= most;
}

/* A socket that listens on the loopback address, or -1. Not blocking: a worker that comes second
 * to a connection goes on waiting. */
static int loopback_listen(in_port_t port) {
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int on = 1;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
      listen(fd, BACKLOG) != 0) {
    perror("prefork: cannot listen on 127.0.0.1");
    if (fd >= 0)
      close(fd);
    return -1;
  }
  return fd;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"workers", required_argument, NULL, 'w'},
                                          {"port", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
  long workers = 4;
  long port = 0;
  bool ok = true;
  for (int option; ok && (option = getopt_long(argc, argv, "w:p:", options, NULL)) != -1;)
    ok = (option == 'w' && number_of(optarg, 1, POOL_WORKERS_MAX, &workers)) ||
         (option == 'p' && number_of(optarg, 0, UINT16_MAX, &port));
  if (!ok || optind != argc - 1) {
    fputs(USAGE, stderr);
    return EXIT_USAGE;
  }
  if (ztc_abi_version() != ZTC_ABI_VERSION) {
    fprintf(stderr, "prefork: built for ABI %u of libztc, but %u was loaded: build it again\n",
            ZTC_ABI_VERSION, ztc_abi_version());
    return 1;
  }
  /* A file that is cut short under the mapping is then an error line, and no dead worker. */
  ztc_live *live = NULL;
  ztc_error error = {.message = "the handler of SIGBUS cannot be installed"};
  if (ztc_sigbus_install() != ZTC_OK ||
      ztc_live_open(argv[optind], 0, 0, &live, &error) != ZTC_OK) {
    fprintf(stderr, "prefork: %s\n", error.message);
    return 1;
  }
  const int listener = loopback_listen((in_port_t)port);
  const int status = listener < 0 ? 1 : pool_run(listener, (unsigned)workers, live);
  if (listener >= 0)
    close(listener);
  ztc_live_free(live);
  return status;
}
