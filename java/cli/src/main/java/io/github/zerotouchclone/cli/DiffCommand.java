package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.FieldHandle;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compares two regions record by record, by index or by key, and exact value.",
      "",
      "Prints each record that changed, with the path of the first difference, the records that"
          + " only one region has, and a summary. Ends with 0 if there is no difference, and with 1"
          + " if there is one. The order of records with keys makes no difference.",
      "",
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A", description = "The old region.")
  private Path pathA;

  @Parameters(index = "1", paramLabel = "B", description = "The new region.")
  private Path pathB;

  @Option(
      names = "--key",
      paramLabel = "PATH",
      description =
          "Compare the records that have the same key, which is at PATH in them: what both regions"
              + " were built with.")
  private String keyPath;

  @Option(names = "--json", description = "Print one JSON object a line, the summary last.")
  private boolean json;

  private final AtomicLong done = new AtomicLong();

  @Override
  public Integer call() {
    RecordKey key = new RecordKey(keyPath);
    try (Region a = RegionArgument.open(pathA);
        Region b = RegionArgument.open(pathB);
        Output output = new Output();
        CopyBuffer bufferA = CopyBuffer.allocate();
        CopyBuffer bufferB = CopyBuffer.allocate()) {
      Changes changes = new Changes(output, key.isGiven(), json);
      compare(a, b, key, bufferA, bufferB, changes);
      return changes.any() ? ExitCode.BAD_DATA : ExitCode.DONE;
    }
  }

  private void compare(
      Region a, Region b, RecordKey key, CopyBuffer bufferA, CopyBuffer bufferB, Changes changes) {
    try {
      long work = key.isGiven() ? a.count() + b.count() : Math.min(a.count(), b.count());
      try (Progress progress = Progress.of("comparing", done::get, work, done::get)) {
        progress.startBesideRecords();
        if (key.isGiven()) {
          checkKeys(a);
          checkKeys(b);
          compareByKey(a, b, key, bufferA, bufferB, changes);
        } else {
          compareByIndex(a, b, bufferA, bufferB, changes);
        }
      }
      changes.summary();
    } catch (ReaderGone e) {
      // Whoever saw enough still gets to know whether there is a difference.
    }
  }

  private static void checkKeys(Region region) {
    if (region.keyCount() < region.count()) {
      throw Failure.usage(
          region.path()
              + ": "
              + Text.count(region.count() - region.keyCount(), "record")
              + " without a key; build --key gives records keys");
    }
  }

  private void compareByIndex(
      Region a, Region b, CopyBuffer bufferA, CopyBuffer bufferB, Changes changes) {
    long common = Math.min(a.count(), b.count());
    for (long i = 0; i < common; i++) {
      RecordCopy copyA = ZeroTouchClone.copyInto(a, i, bufferA);
      compare(i, copyA, ZeroTouchClone.copyInto(b, i, bufferB), changes);
    }
    for (long i = common; i < a.count(); i++) {
      changes.removed(i);
    }
    for (long i = common; i < b.count(); i++) {
      changes.added(i);
    }
  }

  private void compareByKey(
      Region a, Region b, RecordKey key, CopyBuffer bufferA, CopyBuffer bufferB, Changes changes) {
    FieldHandle fieldA = key.field(a);
    FieldHandle fieldB = key.field(b);
    for (long i = 0; i < a.count(); i++) {
      RecordCopy copyA = ZeroTouchClone.copyInto(a, i, bufferA);
      Object name = keyOf(copyA, key, fieldA, a, i);
      long other = indexOf(b, name);
      if (other < 0) {
        changes.removed(name);
        done.lazySet(done.get() + 1);
      } else {
        compare(name, copyA, ZeroTouchClone.copyInto(b, other, bufferB), changes);
      }
    }
    for (long i = 0; i < b.count(); i++) {
      Object name = keyOf(ZeroTouchClone.copyInto(b, i, bufferB), key, fieldB, b, i);
      if (indexOf(a, name) < 0) {
        changes.added(name);
      }
      done.lazySet(done.get() + 1);
    }
  }

  private void compare(Object name, RecordCopy a, RecordCopy b, Changes changes) {
    if (a.typedText().equals(b.typedText())) {
      changes.equal();
    } else {
      changes.changed(name, Difference.path(a.toObject(), b.toObject()));
    }
    done.lazySet(done.get() + 1);
  }

  /** The key of a record, under which its region must know it. */
  private Object keyOf(
      RecordCopy copy, RecordKey key, FieldHandle field, Region region, long index) {
    String where = region.path() + ": record " + index + ": ";
    try {
      Object found = key.of(copy, field);
      if (indexOf(region, found) == index) {
        return found;
      }
    } catch (BadInput e) {
      throw Failure.usage(where + e.getMessage());
    }
    throw Failure.usage(where + "what is at " + keyPath + " is not the key that it was built with");
  }

  private static long indexOf(Region region, Object key) {
    return key instanceof String text ? region.indexOf(text) : region.indexOf((Long) key);
  }
}
