package io.github.zerotouchclone.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    description = {
      "Shows every process that maps a region: how much of it is in its memory, how many pages it"
          + " has un-shared, and how its private memory grows.",
      "",
      "RESIDENT is what of the region the process has touched. UN-SHARED are pages of the region"
          + " that the process has copies of; copies in swap are not counted. Through the library's"
          + " own mappings, but those opened for an audit, the kernel refuses writes, so anything"
          + " but 0 comes from another mapping or from such a one. PRIVATE is all the memory that"
          + " the process has for itself, and GROWTH how much of that came since the first look."
          + " (old file) marks a process that maps only a file which was replaced.",
      "",
      "Not seen are: other users' processes, but by root; processes that opened a copy in memory"
          + " (SEALED, or a memfd); a replaced file that had another name, such as the target of a"
          + " link; and, where the file system shows other device numbers to processes, users in"
          + " other mount namespaces (containers) that know the file by another path.",
      "",
    })
final class TopCommand implements Callable<Integer> {
  private static final String HOME_AND_ERASE = "\033[H\033[J";
  private static final long PAGE = 4096;

  @Parameters(index = "0", paramLabel = "REGION", description = "A region's file.")
  private Path path;

  @Option(names = "--once", description = "Look once and end, as without a terminal.")
  private boolean once;

  @Option(names = "--json", description = "Print each look as one line of JSON.")
  private boolean json;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "The time between two looks (${DEFAULT-VALUE}).")
  private double interval;

  private final Map<Integer, Long> first = new HashMap<>();

  @Override
  public Integer call() throws InterruptedException {
    if (!(interval >= 0.1 && interval <= 86_400)) {
      throw Failure.usage("--interval is from 0.1 to 86400 seconds");
    }
    boolean screen = !json && Terminal.isScreen();
    try (Output output = new Output()) {
      while (true) {
        RegionUsers.Look look = RegionUsers.look(Path.of("/proc"), path);
        look.users().forEach(user -> first.putIfAbsent(user.pid(), user.total()));
        if (json) {
          output.line(JsonWriter.text(json(look)));
        } else {
          if (screen && !once) {
            output.text(HOME_AND_ERASE);
          }
          table(output, look);
        }
        output.flush();
        if (once || !(screen || json)) {
          return ExitCode.DONE;
        }
        Thread.sleep(Math.round(interval * 1000));
      }
    }
  }

  private long growth(RegionUsers.User user) {
    return user.total() - first.get(user.pid());
  }

  private Map<String, Object> json(RegionUsers.Look look) {
    List<Object> processes = new ArrayList<>();
    for (RegionUsers.User user : look.users()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("pid", user.pid());
      entry.put("command", user.command());
      entry.put("current", !user.old());
      entry.put("mapped", user.mapped());
      entry.put("resident", user.resident());
      entry.put("regionPrivate", user.privateBytes());
      entry.put("unsharedPages", user.unshared() / PAGE);
      entry.put("private", user.total());
      entry.put("growth", growth(user));
      processes.add(entry);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("region", path.toString());
    result.put("processes", processes);
    result.put("hidden", look.hidden());
    return result;
  }

  private void table(Output out, RegionUsers.Look look) {
    out.line(
        String.format(
            "%s: %s%s",
            path,
            look.users().size() == 1 ? "1 process" : look.users().size() + " processes",
            look.hidden() == 0
                ? ""
                : ", and perhaps some of " + look.hidden() + " that are hidden"));
    out.line(
        String.format(
            "%8s  %10s  %9s  %10s  %10s  %s",
            "PID", "RESIDENT", "UN-SHARED", "PRIVATE", "GROWTH", "COMMAND"));
    for (RegionUsers.User user : look.users()) {
      long growth = growth(user);
      out.line(
          String.format(
              "%8d  %10s  %9s  %10s  %10s  %s%s",
              user.pid(),
              Text.bytes(user.resident()),
              Text.count(user.unshared() / PAGE),
              Text.bytes(user.total()),
              (growth < 0 ? "-" : "+") + Text.bytes(Math.abs(growth)),
              user.old() ? "(old file) " : "",
              shorten(user.command())));
    }
  }

  /** On one line, and without what a terminal would take for orders. */
  private static String shorten(String command) {
    String clean = command.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 80 ? clean : clean.substring(0, 79) + "…";
  }
}
