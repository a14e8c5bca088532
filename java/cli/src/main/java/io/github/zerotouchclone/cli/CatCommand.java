package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "cat",
    mixinStandardHelpOptions = true,
    description = {"Prints the records as JSON, one a line.", ""})
final class CatCommand implements Callable<Integer> {
  @Mixin private RegionArgument argument;

  @Option(
      names = "--from",
      paramLabel = "N",
      defaultValue = "0",
      description = "Begin with record N; 0 is the first.")
  private long from;

  @Option(names = "--count", paramLabel = "M", description = "Print at most M records.")
  private long count = Long.MAX_VALUE;

  @Option(names = "--typed", description = "Print the canonical typed text instead of JSON.")
  private boolean typed;

  @Override
  public Integer call() {
    if (from < 0 || count < 0) {
      throw Failure.usage((from < 0 ? "--from" : "--count") + " cannot be negative");
    }
    try (Region region = argument.open();
        Output output = new Output()) {
      if (from > region.count()) {
        throw Failure.usage(
            region.path() + ": has " + Text.count(region.count(), "record") + ", none at " + from);
      }
      new RecordPrinter(region, typed, output).print(from, count);
    }
    return ExitCode.DONE;
  }
}
