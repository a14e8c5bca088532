package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compares two regions record by record, by index and exact value.",
      "",
      "Prints each record that changed, with the path of the first difference, the records that"
          + " only one region has at its end, and a summary. Ends with 0 if there is no"
          + " difference, and with 1 if there is one.",
      "",
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A", description = "The old region.")
  private Path pathA;

  @Parameters(index = "1", paramLabel = "B", description = "The new region.")
  private Path pathB;

  @Option(names = "--json", description = "Print one JSON object a line, the summary last.")
  private boolean json;

  @Override
  public Integer call() {
    try (Region a = RegionArgument.open(pathA);
        Region b = RegionArgument.open(pathB);
        Output output = new Output()) {
      long common = Math.min(a.count(), b.count());
      long changed = compare(a, b, common, output);
      only("removed", common, a.count(), output);
      only("added", common, b.count(), output);
      summary(changed, b.count() - common, a.count() - common, common - changed, output);
      return changed == 0 && a.count() == b.count() ? ExitCode.DONE : ExitCode.BAD_DATA;
    }
  }

  private long compare(Region a, Region b, long common, Output output) {
    AtomicLong done = new AtomicLong();
    long changed = 0;
    try (CopyBuffer bufferA = CopyBuffer.allocate();
        CopyBuffer bufferB = CopyBuffer.allocate();
        Progress progress = Progress.of("comparing", done::get, common, done::get)) {
      progress.start();
      for (long i = 0; i < common; i++) {
        RecordCopy copyA = ZeroTouchClone.copyInto(a, i, bufferA);
        RecordCopy copyB = ZeroTouchClone.copyInto(b, i, bufferB);
        if (!copyA.typedText().equals(copyB.typedText())) {
          changed++;
          changed(i, Difference.path(copyA.toObject(), copyB.toObject()), output);
        }
        done.lazySet(i + 1);
      }
    }
    return changed;
  }

  private void changed(long index, String path, Output output) {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("change", "changed");
      line.put("index", index);
      line.put("path", path);
      output.line(JsonWriter.text(line));
    } else {
      output.line("changed " + index + " " + path);
    }
  }

  private void only(String change, long from, long end, Output output) {
    for (long i = from; i < end; i++) {
      output.line(json ? "{\"change\":\"" + change + "\",\"index\":" + i + "}" : change + " " + i);
    }
  }

  private void summary(long changed, long added, long removed, long equal, Output output) {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("changed", changed);
      line.put("added", added);
      line.put("removed", removed);
      line.put("equal", equal);
      output.line(JsonWriter.text(line));
    } else {
      output.line(
          String.format(
              "%,d changed, %,d added, %,d removed, %,d equal", changed, added, removed, equal));
    }
  }
}
