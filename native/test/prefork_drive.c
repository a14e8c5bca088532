/* Drives the prefork server of native/examples with real connections: what it answers, how it
 * reloads, and that its workers un-share no page of the region.
 *   ZTC_PREFORK   the server           ZTC_PAGEDIFF   pagediff, or empty: that part is left out
 *   ZTC_BROKEN    a library that writes to the pages it copies */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

enum { RECORDS = 3000, WORKERS = 4, LINE = 4096 };

/* ---------------------------------------------------------------------------- the region -- */

static const char *region_path(void) {
  static char path[256];
  if (path[0] == '\0')
    strcpy(path, test_path("jobs.ztc"));
  return path;
}

/* Records of several pages' worth, with string keys but for every third, which has a number. */
static void publish_jobs(int records, const char *version) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(region_path(), 0, &w, NULL));
  for (int i = 0; i < records; i++) {
    char text[LINE];
    char name[32];
    snprintf(name, sizeof name, "job-%d", i);
    const ztc_key number = {.type = ZTC_KEY_I64, .number = i};
    const ztc_key word = key_of(name);
    snprintf(text, sizeof text, "{\"id\":%di32,\"version\":\"%s\",\"to\":[\"%0*d\"]}", i, version,
             100 + i % 100, i);
    ck_assert_ztc(ztc_writer_record_key(w, i % 3 == 0 ? &number : &word));
    ck_assert_ztc(add_text(w, text));
  }
  ck_assert_ztc(ztc_writer_publish(w, NULL));
}

/* ---------------------------------------------------------------------------- the server -- */

struct server {
  pid_t started; /* the server, or pagediff, which runs it */
  pid_t master;
  in_port_t port;
  FILE *output;
  FILE *errors;
};

static FILE *pipe_to(int fds[2]) {
  close(fds[1]);
  return fdopen(fds[0], "r");
}

static struct server server_start(char *const command[]) {
  struct server server = {0};
  int output[2];
  int errors[2];
  char line[LINE];
  unsigned port;
  long master;
  ck_assert(pipe(output) == 0 && pipe(errors) == 0);
  server.started = fork();
  if (server.started == 0) {
    dup2(output[1], STDOUT_FILENO);
    dup2(errors[1], STDERR_FILENO);
    close(output[0]);
    close(errors[0]);
    execvp(command[0], command);
    _exit(127);
  }
  server.output = pipe_to(output);
  server.errors = pipe_to(errors);
  ck_assert_msg(fgets(line, sizeof line, server.output) != NULL, "%s did not start", command[0]);
  ck_assert_int_eq(sscanf(line, "listening on 127.0.0.1 port %u, process %ld", &port, &master), 2);
  server.port = (in_port_t)port;
  server.master = (pid_t)master;
  return server;
}

static struct server server_start_workers(const char *workers) {
  char *const command[] = {getenv("ZTC_PREFORK"), "--workers", (char *)workers,
                           (char *)region_path(), NULL};
  return server_start(command);
}

/* Ends it in good order; what it exits with. */
static int server_stop(struct server *server) {
  int status;
  kill(server->master, SIGTERM);
  ck_assert_int_eq(waitpid(server->started, &status, 0), server->started);
  ck_assert(WIFEXITED(status));
  fclose(server->output);
  fclose(server->errors);
  return WEXITSTATUS(status);
}

/* Reads lines until one holds `words`; a server that never says it ends in the test's timeout. */
static void wait_for(FILE *from, const char *words) {
  char line[LINE];
  do
    ck_assert_msg(fgets(line, sizeof line, from) != NULL, "ended before it said '%s'", words);
  while (strstr(line, words) == NULL);
}

/* ----------------------------------------------------------------------- the connections -- */

static FILE *connection_open(const struct server *server) {
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(server->port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
  return fdopen(fd, "r");
}

static void send_text(FILE *connection, const char *text, size_t size) {
  ck_assert_int_eq(send(fileno(connection), text, size, MSG_NOSIGNAL), (ssize_t)size);
}

/* The answer to one line, without its end; good until the next call. */
static const char *ask(FILE *connection, const char *request) {
  static char answer[LINE];
  char line[LINE];
  const int size = snprintf(line, sizeof line, "%s\n", request);
  send_text(connection, line, (size_t)size);
  ck_assert_msg(fgets(answer, sizeof answer, connection) != NULL, "no answer to '%s'", request);
  answer[strcspn(answer, "\n")] = '\0';
  return answer;
}

static const char *ask_for(FILE *connection, const char *command, int number) {
  char request[64];
  snprintf(request, sizeof request, "%s%d", command, number);
  return ask(connection, request);
}

static long worker_of(FILE *connection) {
  long worker = 0;
  ck_assert_int_eq(sscanf(ask(connection, "status"), "ok worker %ld ", &worker), 1);
  return worker;
}

static void assert_job(const char *answer, int i, const char *version) {
  char expected[LINE];
  snprintf(expected, sizeof expected, "ok {\"id\":%di32,\"version\":\"%s\",\"to\":[\"%0*d\"]}", i,
           version, 100 + i % 100, i);
  ck_assert_str_eq(answer, expected);
}

/* A connection to each worker: one that serves a connection accepts no other. */
static void connect_all(const struct server *server, FILE *connections[WORKERS]) {
  long workers[WORKERS];
  for (int i = 0; i < WORKERS; i++) {
    connections[i] = connection_open(server);
    workers[i] = worker_of(connections[i]);
    for (int k = 0; k < i; k++)
      ck_assert_int_ne(workers[k], workers[i]);
  }
}

static void close_all(FILE *connections[WORKERS]) {
  for (int i = 0; i < WORKERS; i++)
    fclose(connections[i]);
}

/* ----------------------------------------------------------------------------- the tests -- */

START_TEST(records_are_answered_by_index_key_and_path) {
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("1");
  FILE *c = connection_open(&server);
  for (int i = 0; i < RECORDS; i += 17)
    assert_job(ask_for(c, "get ", i), i, "one");
  assert_job(ask(c, "key job-2999"), 2999, "one");
  assert_job(ask(c, "id 2997"), 2997, "one");
  ck_assert_str_eq(ask(c, "get 7 version"), "ok \"one\"");
  ck_assert_str_eq(ask(c, "key job-7 $.id"), "ok 7i32");
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(records_of_any_kind_and_with_shared_nodes_are_answered) {
  char expected[LINE];
  int record = 0;
  publish_sample(region_path());
  struct server server = server_start_workers("1");
  FILE *c = connection_open(&server);
  while (sample_texts[record] != NULL)
    record++;
  for (int i = 0; sample_expected[i] != NULL; i++) {
    if (snprintf(expected, sizeof expected, "ok %s", sample_expected[i]) < LINE - 1)
      ck_assert_str_eq(ask_for(c, "get ", record + i), expected);
  }
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(bad_requests_are_refused_and_the_connection_goes_on) {
  static const char *const refused[][2] = {
      {"get 3000", "error OUT_OF_RANGE "},  {"get -1", "error INVALID_ARGUMENT "},
      {"get", "error INVALID_ARGUMENT "},   {"get 99999999999999999999", "error INVALID_ARGUMENT "},
      {"", "error INVALID_ARGUMENT "},      {"drop 1", "error INVALID_ARGUMENT "},
      {"get 1 none", "error NO_SUCH_KEY "}, {"get 1 [", "error BAD_PATH "},
      {"key job-0", "error NO_SUCH_KEY "},  {"id 1", "error NO_SUCH_KEY "}};
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("1");
  FILE *c = connection_open(&server);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const char *answer = ask(c, refused[i][0]);
    ck_assert_msg(strncmp(answer, refused[i][1], strlen(refused[i][1])) == 0, "'%s': %s",
                  refused[i][0], answer);
  }
  assert_job(ask(c, "get 1\r"), 1, "one");
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(requests_may_come_in_pieces_or_many_at_once_but_not_without_end) {
  static char endless[8192];
  char answer[LINE];
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("1");
  FILE *c = connection_open(&server);
  const long worker = worker_of(c);
  send_text(c, "get 1 id\nget 2 id\nge", 20);
  ck_assert_str_eq(fgets(answer, sizeof answer, c), "ok 1i32\n");
  ck_assert_str_eq(fgets(answer, sizeof answer, c), "ok 2i32\n");
  send_text(c, "t 3 id\n", 7);
  ck_assert_str_eq(fgets(answer, sizeof answer, c), "ok 3i32\n");
  memset(endless, 'x', sizeof endless);
  send_text(c, endless, sizeof endless);
  ck_assert_str_eq(fgets(answer, sizeof answer, c),
                   "error TOO_LARGE a line has at most 8192 bytes\n");
  ck_assert_ptr_null(fgets(answer, sizeof answer, c));
  fclose(c);
  c = connection_open(&server);
  ck_assert_int_eq(worker_of(c), worker);
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_reload_reaches_every_worker_and_breaks_no_connection) {
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("4");
  FILE *connections[WORKERS];
  connect_all(&server, connections);
  publish_jobs(RECORDS + 1, "two");
  for (int i = 0; i < WORKERS; i++)
    assert_job(ask(connections[i], "get 5"), 5, "one");
  kill(server.master, SIGHUP);
  wait_for(server.output, "all workers serve 3001 records");
  for (int i = 0; i < WORKERS; i++) {
    assert_job(ask(connections[i], "get 5"), 5, "two");
    assert_job(ask(connections[i], "get 3000"), 3000, "two");
  }
  close_all(connections);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_file_that_is_no_region_is_refused_and_the_old_one_served) {
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("1");
  FILE *c = connection_open(&server);
  char beside[300];
  snprintf(beside, sizeof beside, "%s.new", region_path());
  FILE *garbage = fopen(beside, "w");
  fputs("no region", garbage);
  fclose(garbage);
  ck_assert_int_eq(rename(beside, region_path()), 0);
  kill(server.master, SIGHUP);
  wait_for(server.errors, "the old region stays");
  assert_job(ask(c, "get 5"), 5, "one");
  publish_jobs(RECORDS, "two");
  kill(server.master, SIGHUP);
  wait_for(server.output, "reloaded");
  assert_job(ask(c, "get 5"), 5, "two");
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_worker_that_dies_is_replaced_by_one_that_serves_the_current_region) {
  char line[LINE];
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("1");
  publish_jobs(RECORDS, "two");
  kill(server.master, SIGHUP);
  wait_for(server.output, "reloaded");
  FILE *c = connection_open(&server);
  const long worker = worker_of(c);
  kill((pid_t)worker, SIGKILL);
  ck_assert_ptr_null(fgets(line, sizeof line, c));
  fclose(c);
  c = connection_open(&server);
  ck_assert_int_ne(worker_of(c), worker);
  assert_job(ask(c, "get 5"), 5, "two");
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_file_cut_short_is_an_error_and_no_dead_worker) {
  publish_jobs(RECORDS, "one");
  struct server server = server_start_workers("1");
  FILE *c = connection_open(&server);
  const long worker = worker_of(c);
  ck_assert_int_eq(truncate(region_path(), 4096), 0);
  ck_assert_int_eq(strncmp(ask(c, "get 2000"), "error LOST ", 11), 0);
  publish_jobs(RECORDS, "two");
  kill(server.master, SIGHUP);
  wait_for(server.output, "reloaded");
  ck_assert_int_eq(worker_of(c), worker);
  assert_job(ask(c, "get 2000"), 2000, "two");
  fclose(c);
  ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

/* Each worker copies every record while pagediff looks at the region, and, if it is replaced, one of
 * the next. Its exit status. */
static int page_diff_status(char *const command[], bool replaced) {
  publish_jobs(RECORDS, "one");
  struct server server = server_start(command);
  FILE *connections[WORKERS];
  connect_all(&server, connections);
  for (int i = 0; i < RECORDS; i++) {
    for (int k = 0; k < WORKERS; k++)
      assert_job(ask_for(connections[k], "get ", i), i, "one");
  }
  if (replaced) {
    publish_jobs(RECORDS, "two");
    kill(server.master, SIGHUP);
    wait_for(server.output, "reloaded");
    for (int k = 0; k < WORKERS; k++)
      assert_job(ask(connections[k], "get 5"), 5, "two");
  }
  close_all(connections);
  kill(server.master, SIGTERM);
  wait_for(server.output, ": "); /* the verdict, as a line */
  return server_stop(&server);
}

START_TEST(no_page_of_the_region_is_unshared) {
  char *const command[] = {getenv("ZTC_PAGEDIFF"),
                           "run",
                           "--quiet",
                           "--region",
                           (char *)region_path(),
                           "--",
                           getenv("ZTC_PREFORK"),
                           "--workers",
                           "4",
                           (char *)region_path(),
                           NULL};
  ck_assert_int_eq(page_diff_status(command, false), 0);
  /* What was done to the new file, nobody watched. */
  ck_assert_int_eq(page_diff_status(command, true), 4);
}
END_TEST

START_TEST(a_library_that_writes_to_what_it_copies_is_found) {
  char preload[512];
  snprintf(preload, sizeof preload, "LD_PRELOAD=%s", getenv("ZTC_BROKEN"));
  char *const command[] = {getenv("ZTC_PAGEDIFF"),
                           "run",
                           "--quiet",
                           "--region",
                           (char *)region_path(),
                           "--",
                           "env",
                           preload,
                           getenv("ZTC_PREFORK"),
                           "--workers",
                           "4",
                           (char *)region_path(),
                           NULL};
  ck_assert_int_eq(page_diff_status(command, true), 1);
}
END_TEST

static void fill(TCase *tests) {
  const char *pagediff = getenv("ZTC_PAGEDIFF");
  signal(SIGPIPE, SIG_IGN);
  tcase_add_test(tests, records_are_answered_by_index_key_and_path);
  tcase_add_test(tests, records_of_any_kind_and_with_shared_nodes_are_answered);
  tcase_add_test(tests, bad_requests_are_refused_and_the_connection_goes_on);
  tcase_add_test(tests, requests_may_come_in_pieces_or_many_at_once_but_not_without_end);
  tcase_add_test(tests, a_reload_reaches_every_worker_and_breaks_no_connection);
  tcase_add_test(tests, a_file_that_is_no_region_is_refused_and_the_old_one_served);
  tcase_add_test(tests, a_worker_that_dies_is_replaced_by_one_that_serves_the_current_region);
  tcase_add_test(tests, a_file_cut_short_is_an_error_and_no_dead_worker);
  if (pagediff != NULL && pagediff[0] != '\0') {
    tcase_add_test(tests, no_page_of_the_region_is_unshared);
    tcase_add_test(tests, a_library_that_writes_to_what_it_copies_is_found);
  }
}

ZTC_TEST_MAIN("prefork", fill)
