package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    description = {
      "Prints records picked at random as JSON, one a line, in the order of the region.",
      "",
      "The same seed picks the same records of the same region.",
      "",
    })
final class SampleCommand implements Callable<Integer> {
  @Mixin private RegionArgument argument;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "M",
      defaultValue = "10",
      description = "How many (${DEFAULT-VALUE}), or all if there are not that many.")
  private int count;

  @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "1 without this.")
  private long seed;

  @Option(names = "--typed", description = "Print the canonical typed text instead of JSON.")
  private boolean typed;

  @Override
  public Integer call() {
    if (count < 0) {
      throw Failure.usage("--count cannot be negative");
    }
    try (Region region = argument.open();
        Output output = new Output()) {
      RecordPrinter printer = new RecordPrinter(region, typed, output);
      if (count >= region.count()) {
        printer.print(0, region.count());
      } else {
        TreeSet<Long> picked = pick(region.count(), count, seed);
        printer.print(picked.stream().mapToLong(Long::longValue).iterator(), picked.size());
      }
    }
    return ExitCode.DONE;
  }

  /** {@code count} different numbers below {@code n}, each set as likely as any other. */
  static TreeSet<Long> pick(long n, int count, long seed) {
    Random random = new Random(seed);
    TreeSet<Long> picked = new TreeSet<>();
    for (long limit = n - count; limit < n; limit++) {
      long candidate = random.nextLong(limit + 1);
      picked.add(picked.contains(candidate) ? limit : candidate);
    }
    return picked;
  }
}
