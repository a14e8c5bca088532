package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks every byte: checksums, structure, offsets, padding.",
      "",
      "Ends with 0 if all is well, and with 1 and the first error, its offset in the file and the"
          + " reason, if not.",
      "",
    })
final class VerifyCommand implements Callable<Integer> {
  private static final long PAGE = 4096; // of /proc/self/statm on every supported platform

  private static final Pattern NAMED_PLACE = Pattern.compile("\\bbyte [0-9]");

  @Mixin private RegionArgument argument;

  @Option(names = "--json", description = "Print the outcome as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("region", argument.path().toString());
    try (Region region = argument.open()) {
      LongSupplier mapped = mappedBytes();
      long before = mapped.getAsLong();
      try (Progress progress =
          Progress.ofBytes(
              "verifying " + region.path(), () -> mapped.getAsLong() - before, region.size())) {
        progress.start();
        region.validate();
      }
      result.put("ok", true);
      result.put("records", region.count());
      result.put("bytes", region.size());
      print(
          result,
          String.format(
              "%s: ok, %s, %s",
              region.path(), Text.count(region.count(), "record"), Text.bytes(region.size())));
      return ExitCode.DONE;
    } catch (RegionException e) {
      Failure failure = Failure.of(e);
      if (json && failure.exitCode() == ExitCode.BAD_DATA) {
        result.put("ok", false);
        result.put("status", e.status().name());
        result.put("offset", e.offset() == RegionException.NO_OFFSET ? null : e.offset());
        result.put("message", failure.getMessage());
        printOrNot(result);
        return ExitCode.BAD_DATA;
      }
      boolean placed = NAMED_PLACE.matcher(e.getMessage()).find();
      throw placed || e.offset() == RegionException.NO_OFFSET
          ? failure
          : failure.with(" (byte " + e.offset() + ")");
    }
  }

  private void print(Map<String, Object> result, String text) {
    try (Output output = new Output()) {
      output.line(json ? JsonWriter.text(result) : text);
    }
  }

  /** The outcome is bad, whether or not somebody reads why. */
  private void printOrNot(Map<String, Object> result) {
    try {
      print(result, null);
    } catch (ReaderGone e) {
      // The exit code says it.
    }
  }

  /** Bytes of files that this process has in its memory: they grow as the check goes on. */
  private static LongSupplier mappedBytes() {
    Path statm = Path.of("/proc/self/statm");
    return () -> {
      try {
        return PAGE * Long.parseLong(Files.readString(statm).split(" ")[2]);
      } catch (IOException e) {
        return 0;
      }
    };
  }
}
