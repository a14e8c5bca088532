package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description = {"Prints one record, or a value inside it, as JSON.", ""})
final class GetCommand implements Callable<Integer> {
  @Mixin private RegionArgument argument;

  @Parameters(index = "1", paramLabel = "INDEX", description = "The record's index, from 0.")
  private long index;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "Print this value of the record: a.b[3].c or [\"any key\"][0].")
  private String path;

  @Option(names = "--typed", description = "Print the canonical typed text instead of JSON.")
  private boolean typed;

  @Override
  public Integer call() {
    if (typed && path != null) {
      throw Failure.usage("--typed prints whole records only, without --path");
    }
    try (Region region = argument.open();
        Output output = new Output()) {
      if (typed) {
        output.line(ZeroTouchClone.copy(region, index).typedText());
      } else {
        Object value =
            path == null
                ? ZeroTouchClone.copy(region, index).toObject()
                : ZeroTouchClone.copyPath(region, index, path);
        new JsonWriter().line(value, region.path() + ": record " + index, output);
      }
    }
    return ExitCode.DONE;
  }
}
