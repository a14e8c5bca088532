package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what a region consists of: records, sizes, versions, sections and shapes.",
      "",
    })
final class InfoCommand implements Callable<Integer> {
  private static final int SHAPES_SHOWN = 20;

  @Mixin private RegionArgument argument;

  @Option(names = "--json", description = "Print it as JSON, with all shapes.")
  private boolean json;

  @Override
  public Integer call() {
    try (Region region = argument.open();
        Output output = new Output()) {
      RegionHeader header = RegionHeader.read(argument.path());
      List<List<String>> shapes = region.shapes();
      Set<String> keys = new LinkedHashSet<>();
      shapes.forEach(keys::addAll);
      if (json) {
        output.line(JsonWriter.text(json(region, header, shapes, keys)));
      } else {
        print(output, region, header, shapes, keys);
      }
    }
    return ExitCode.DONE;
  }

  private static Map<String, Object> json(
      Region region, RegionHeader header, List<List<String>> shapes, Set<String> keys) {
    List<Object> sections = new ArrayList<>();
    for (RegionHeader.Section section : header.sections()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("type", section.type());
      entry.put("name", section.name());
      entry.put("required", section.required());
      entry.put("offset", section.offset());
      entry.put("bytes", section.length());
      entry.put("crc32c", section.hasChecksum() ? section.checksumText() : null);
      sections.add(entry);
    }
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("region", region.path());
    info.put("records", region.count());
    info.put("bytes", region.size());
    info.put("recordKeys", region.keyCount());
    info.put("format", header.version());
    info.put("library", ZeroTouchClone.nativeLibrary());
    info.put("ztc", Main.Version.commandLine());
    info.put("headerCrc32c", header.checksumText());
    info.put("sections", sections);
    info.put("keys", keys);
    info.put("shapes", shapes);
    return info;
  }

  private static void print(
      Output out, Region region, RegionHeader header, List<List<String>> shapes, Set<String> keys) {
    out.line("region    " + region.path());
    long keyed = region.keyCount();
    out.line(
        "records   "
            + Text.count(region.count())
            + (keyed == 0 ? "" : ", " + Text.count(keyed) + " with a key"));
    out.line(
        String.format(
            "size      %s (%s bytes%s)",
            Text.bytes(region.size()),
            Text.count(region.size()),
            region.count() == 0
                ? ""
                : ", "
                    + Text.count(Math.round((double) region.size() / region.count()))
                    + " a record"));
    out.line("format    " + header.version());
    out.line("library   " + ZeroTouchClone.nativeLibrary());
    out.line("sections");
    for (RegionHeader.Section section : header.sections()) {
      out.line(
          String.format(
              "  %-14s %,16d bytes  at %,16d  %s",
              section.name(),
              section.length(),
              section.offset(),
              section.hasChecksum() ? "CRC32C " + section.checksumText() : "CRC32C in the index"));
    }
    out.line(
        "shapes    "
            + Text.count(shapes.size())
            + " of "
            + Text.count(keys.size(), "key")
            + (shapes.size() > SHAPES_SHOWN ? "; --json prints all" : ""));
    for (List<String> shape : shapes.subList(0, Math.min(shapes.size(), SHAPES_SHOWN))) {
      out.line("  " + JsonWriter.text(shape));
    }
  }
}
