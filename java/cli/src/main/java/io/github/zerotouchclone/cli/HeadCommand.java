package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "head",
    mixinStandardHelpOptions = true,
    description = {"Prints the first records as JSON, one a line.", ""})
final class HeadCommand implements Callable<Integer> {
  @Mixin private RegionArgument argument;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "M",
      defaultValue = "10",
      description = "How many (${DEFAULT-VALUE}); -3 stands for -n 3.")
  private long count;

  @Option(names = "--typed", description = "Print the canonical typed text instead of JSON.")
  private boolean typed;

  @Override
  public Integer call() {
    if (count < 0) {
      throw Failure.usage("--count cannot be negative");
    }
    try (Region region = argument.open();
        Output output = new Output()) {
      new RecordPrinter(region, typed, output).print(0, count);
    }
    return ExitCode.DONE;
  }
}
