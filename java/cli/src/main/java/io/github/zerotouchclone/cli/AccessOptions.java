package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.RegionWriter;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** Who may use the region that is written. */
final class AccessOptions {
  @Option(
      names = "--mode",
      paramLabel = "OCTAL",
      description =
          "Permissions of OUT, such as 640. Without this those of the file it replaces are kept;"
              + " never may everybody write.")
  private String mode;

  @Option(
      names = "--owner",
      paramLabel = "UID",
      description = "User id of OUT. Without this it is kept, if this user may give files away.")
  private Long owner;

  @Option(
      names = "--group",
      paramLabel = "GID",
      description = "Group id of OUT. Without this it is kept, if possible.")
  private Long group;

  /** Tells the writer. */
  void apply(RegionWriter writer) {
    try {
      if (mode != null) {
        writer.permissions(permissions());
      }
      if (owner != null) {
        writer.owner(owner);
      }
      if (group != null) {
        writer.group(group);
      }
    } catch (IllegalArgumentException e) {
      throw Failure.usage(e.getMessage());
    }
  }

  private Set<PosixFilePermission> permissions() {
    if (!mode.matches("0?[0-7]{3}")) {
      throw Failure.usage("--mode takes three octal digits, such as 640, and not " + mode);
    }
    int bits = Integer.parseInt(mode, 8);
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      if ((bits & 0400 >> permission.ordinal()) != 0) {
        permissions.add(permission);
      }
    }
    return permissions;
  }
}
