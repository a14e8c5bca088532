package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
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

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "INDEX",
      description = "The record's index, from 0.")
  private Long index;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "The record with this key instead: a string or, if no record has that and KEY is a whole"
              + " number, that integer.")
  private String key;

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
    if ((index == null) == (key == null)) {
      throw Failure.usage("give either the INDEX of a record or its --key");
    }
    try (Region region = argument.open();
        Output output = new Output()) {
      long record = key == null ? index : find(region);
      String name = region.path() + ": record " + record;
      try {
        print(region, record, name, output);
      } catch (StackOverflowError | OutOfMemoryError e) {
        throw Failure.of(name, e);
      } catch (RegionException e) {
        throw Failure.ofReading(name, e);
      }
    }
    return ExitCode.DONE;
  }

  private void print(Region region, long record, String name, Output output) {
    if (typed) {
      output.line(ZeroTouchClone.copy(region, record).typedText());
      return;
    }
    Object value =
        path == null
            ? ZeroTouchClone.copy(region, record).toObject()
            : ZeroTouchClone.copyPath(region, record, path);
    new JsonWriter().line(value, name, output);
  }

  private long find(Region region) {
    long record = region.indexOf(key);
    if (record < 0 && key.matches("0|-?[1-9][0-9]{0,18}")) { // and not 042, which is a text
      try {
        record = region.indexOf(Long.parseLong(key));
      } catch (NumberFormatException e) {
        // More than 64 bits: no record has it.
      }
    }
    if (record < 0) {
      String hint = region.keyCount() == 0 ? "; build --key gives records keys" : "";
      throw Failure.usage(region.path() + ": no record has the key " + key + hint);
    }
    return record;
  }
}
