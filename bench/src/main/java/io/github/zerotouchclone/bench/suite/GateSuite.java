package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.measure.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Instructions of the hot C paths, counted by valgrind; the same on a busy machine. */
final class GateSuite implements Suite {

  private static final Pattern LINE = Pattern.compile("(\\S+) +(\\d+) instructions.*");

  @Override
  public String name() {
    return "instructions";
  }

  @Override
  public void run(Run run) throws IOException {
    boolean installed =
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "valgrind")));
    if (!installed) {
      run.unavailable("instructions", "valgrind is not installed");
      return;
    }
    run.say("instruction counts");
    // The script fails when a count has grown; here the counts are wanted all the same.
    String gate = run.setting().nativeBin().resolve("ztc_gate").toString();
    List<String> lines =
        run.lines(
            List.of("sh", "-c", "\"$0\" \"$1\" || true", run.setting().gate().toString(), gate));
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        double count = Double.parseDouble(matcher.group(2));
        run.add(
            Measurement.absolute(
                "instructions/" + matcher.group(1),
                0,
                matcher.group(1),
                "instructions",
                List.of(new double[] {count})));
      }
    }
  }
}
