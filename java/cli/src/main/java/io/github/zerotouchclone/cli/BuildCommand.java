package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.zerotouchclone.RegionWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    description = {
      "Builds a region from JSON or CBOR.",
      "",
      "Numbers keep their exact value, strings every character, objects the order of their keys."
          + " OUT appears, or is replaced, in one step at the end; until then, and if anything is"
          + " wrong, it stays as it was.",
      "",
    })
final class BuildCommand implements Callable<Integer> {
  private static final int MAX_THREADS = 256;

  /** Names that mean a stream elsewhere. */
  private static final Pattern NO_FILES =
      Pattern.compile("-|/dev/(stdout|stderr|stdin|fd/.*)|/proc/.*");

  enum Format {
    jsonl,
    json,
    cbor
  }

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description = "The region to write.")
  private String out;

  private Path output;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = {
        "jsonl: each line is a record; blank lines are left out.",
        "json: an input is one document; each element of an array is a record, anything else is"
            + " one record.",
        "cbor: an input is a sequence of CBOR items, each of them a record.",
        "Without this: json for names that end in .json or .json.gz, cbor likewise, else jsonl.",
      })
  private Format format;

  @Option(
      names = "--skip-bad",
      paramLabel = "FILE",
      description = "Put lines that cannot be stored aside in FILE, count them, and go on.")
  private Path skipBad;

  @Option(
      names = "--duplicate-keys",
      paramLabel = "WHICH",
      defaultValue = "error",
      description = "What to do if an object has a key twice: error (default), first or last.")
  private JsonReader.Duplicates duplicates;

  @Option(
      names = "--key",
      paramLabel = "PATH",
      description =
          "Records get the value at PATH in them as their key, which get --key finds: id or"
              + " user.name. It must be a string or an integer, and no two the same.")
  private String key;

  @Mixin private AccessOptions access;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Parse and encode lines on N threads (default: ${DEFAULT-VALUE}). The region is the same,"
              + " byte by byte. Documents and CBOR are parsed by one.")
  private int threads;

  @Option(names = "--json", description = "Print counts and sizes as JSON at the end.")
  private boolean json;

  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description = "Files, - for standard input; a name that ends in .gz is decompressed.")
  private List<String> inputs;

  private final JsonFactory factory = JsonReader.factory();
  private final AtomicLong consumed = new AtomicLong();
  private final AtomicLong records = new AtomicLong();
  private JsonReader reader;
  private RecordKey recordKey;
  private RecordSink sink;
  private OutputStream skipped;
  private long skippedCount;
  private String firstSkipped;

  @Override
  public Integer call() {
    long started = System.nanoTime();
    checkArguments();
    reader = new JsonReader(duplicates);
    recordKey = new RecordKey(key);
    try (RegionWriter region = RegionWriter.create(output);
        Undo unlessDone = new Undo(region::close)) {
      access.apply(region);
      sink = new RecordSink(region, unlessDone, recordKey, threads, records);
      skipped = skipBad == null ? null : create(skipBad);
      read();
      String label = "writing " + output;
      try (Progress progress = Progress.ofBytes(label, () -> 0, 0)) {
        progress.start();
        unlessDone.step(region::publish);
      }
    } finally {
      closeSkipped();
    }
    report((System.nanoTime() - started) / 1e9);
    return ExitCode.DONE;
  }

  private void checkArguments() {
    if (threads < 1 || threads > MAX_THREADS) {
      throw Failure.usage("--threads " + threads + " is not in 1 to " + MAX_THREADS);
    }
    if (out.isEmpty() || inputs.contains("")) {
      throw Failure.usage(
          "the name of " + (inputs.contains("") ? "an INPUT" : "OUT") + " is empty");
    }
    if (out.endsWith("/") || Files.isDirectory(Path.of(out))) {
      throw Failure.usage(out + " is a directory; OUT is the region's file");
    }
    if (NO_FILES.matcher(out).matches()) {
      throw Failure.usage(out + " is no place for a region: it is renamed to OUT when it is whole");
    }
    if (inputs.stream().filter(Input::isStandardInput).count() > 1) {
      throw Failure.usage("standard input (-) can be given once only");
    }
    output = Path.of(out);
    for (String input : inputs) {
      if (!Input.isStandardInput(input) && isSame(Path.of(input), output)) {
        throw Failure.usage("--output would replace the input " + input);
      }
    }
    if (skipBad == null) {
      return;
    }
    if (skipBad.toString().equals("-")) {
      throw Failure.usage("--skip-bad needs a file's name; ./- is one, - is not");
    }
    for (String input : inputs) {
      if (formatOf(input) == Format.cbor) {
        throw Failure.usage("--skip-bad needs lines, but " + input + " is CBOR");
      }
      if (formatOf(input) == Format.json) {
        throw Failure.usage(
            "--skip-bad needs lines, but "
                + input
                + " is one JSON document; --format jsonl reads it as lines");
      }
      if (!Input.isStandardInput(input) && isSame(Path.of(input), skipBad)) {
        throw Failure.usage("--skip-bad would overwrite the input " + input);
      }
    }
    if (isSame(output, skipBad)) {
      throw Failure.usage("--skip-bad and --output are the same file");
    }
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize())
          || (Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b));
    } catch (IOException e) {
      return false;
    }
  }

  private Format formatOf(String input) {
    if (format != null) {
      return format;
    }
    if (Input.isCbor(input)) {
      return Format.cbor;
    }
    return Input.isJsonDocument(input) ? Format.json : Format.jsonl;
  }

  private void read() {
    long total = Input.totalSize(inputs);
    try (Progress progress = Progress.of("reading", consumed::get, total, records::get)) {
      progress.start();
      for (String argument : inputs) {
        try (Input input = Input.open(argument, consumed)) {
          read(input, formatOf(argument));
        }
      }
    }
  }

  private void read(Input input, Format inputFormat) {
    try {
      switch (inputFormat) {
        case json -> document(input);
        case cbor -> items(input);
        case jsonl -> lines(input);
      }
    } catch (StackOverflowError | OutOfMemoryError e) {
      throw Failure.of(input.name() + ": after " + Text.count(records.get(), "record"), e);
    }
  }

  // ----------------------------------------------------------------------------------- JSON lines

  private void lines(Input input) {
    LineParser parser = new LineParser(reader, recordKey, skipped != null);
    LineBuild.BadLines badLines =
        (block, line, reason) -> {
          if (skipped == null) {
            throw Failure.badData(reason.at(input.name()));
          }
          putAside(block, line, reason.at(input.name()));
        };
    try (LineBuild build = new LineBuild(parser, sink, threads, badLines)) {
      build.add(input);
    }
  }

  private void putAside(LineBlock block, LineParser.Line line, String reason) {
    try {
      skipped.write(block.bytes(), line.start(), line.end() - line.start());
      skipped.write('\n');
    } catch (IOException e) {
      throw Failure.of(skipBad.toString(), e);
    }
    if (skippedCount++ == 0) {
      firstSkipped = reason;
    }
  }

  private static OutputStream create(Path path) {
    try {
      return new BufferedOutputStream(Files.newOutputStream(path));
    } catch (IOException e) {
      throw Failure.of(path.toString(), e);
    }
  }

  private void closeSkipped() {
    try {
      if (skipped != null) {
        skipped.close();
      }
    } catch (IOException e) {
      throw Failure.of(skipBad.toString(), e);
    }
  }

  // --------------------------------------------------------------------------------- one document

  private void document(Input input) {
    try (JsonParser parser = factory.createParser(new Utf8.Document(input))) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new BadInput(1, 1, "expected a JSON document, but the input is empty");
      }
      if (first == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          element(parser);
        }
      } else {
        element(parser);
      }
      if (parser.nextToken() != null) {
        JsonLocation at = parser.currentTokenLocation();
        throw new BadInput(
            at.getLineNr(),
            at.getColumnNr(),
            "expected the end of the document; --format jsonl reads one value a line");
      }
    } catch (JsonProcessingException e) {
      throw Failure.badData(JsonErrors.place(e).at(input.name()));
    } catch (BadInput e) {
      throw Failure.badData(e.at(input.name()));
    } catch (Utf8.Document.Malformed e) {
      throw Failure.badData(e.place().at(input.name()));
    } catch (IOException e) {
      throw Failure.of(input.name(), e);
    }
  }

  private void element(JsonParser parser) throws IOException, BadInput {
    JsonLocation at = parser.currentTokenLocation();
    sink.add(reader.value(parser), at.getLineNr(), at.getColumnNr());
  }

  // ----------------------------------------------------------------------------------------- CBOR

  private void items(Input input) {
    try (CborReader items = new CborReader(input.asStream(), duplicates)) {
      while (items.hasNext()) {
        long offset = items.offset();
        try {
          sink.add(items.next(), 1, 1);
        } catch (BadInput e) {
          throw new CborReader.Malformed(offset, e.getMessage());
        }
      }
    } catch (CborReader.Malformed e) {
      throw Failure.badData(input.name() + ": " + e.getMessage());
    } catch (IOException e) {
      throw Failure.of(input.name(), e);
    }
  }

  // --------------------------------------------------------------------------------------- report

  private void report(double seconds) {
    if (skippedCount > 0) {
      System.err.println(
          "ztc: "
              + Text.count(skippedCount, "bad line")
              + " put aside in "
              + skipBad
              + "; the first: "
              + Text.printable(firstSkipped));
    }
    long size = size(output);
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("region", output.toString());
      result.put("records", records.get());
      result.put("skipped", skippedCount);
      result.put("bytesRead", consumed.get());
      result.put("bytesWritten", size);
      result.put("seconds", Math.round(seconds * 1000) / 1000.0);
      try (Output out = new Output()) {
        out.line(JsonWriter.text(result));
      }
    } else if (Terminal.isWatched()) {
      System.err.printf(
          "%s: %s, %s, in %.1f s%n",
          output, Text.count(records.get(), "record"), Text.bytes(size), seconds);
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw Failure.of(path.toString(), e);
    }
  }
}
