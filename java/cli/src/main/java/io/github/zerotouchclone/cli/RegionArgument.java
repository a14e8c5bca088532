package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionOption;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The region that most commands look into. */
final class RegionArgument {
  @Parameters(index = "0", paramLabel = "REGION", description = "A region's file.")
  private Path path;

  Path path() {
    return path;
  }

  Region open() {
    return open(path);
  }

  /** Every record's checksum is verified when it is copied. */
  static Region open(Path path) {
    if (path.toString().isEmpty()) {
      throw Failure.usage("the name of a region is empty");
    }
    if (Files.isDirectory(path)) {
      throw Failure.system(path + ": is a directory");
    }
    return Region.open(path, RegionOption.VERIFY_RECORD);
  }
}
