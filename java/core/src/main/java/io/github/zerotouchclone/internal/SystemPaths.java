package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** Paths as the bytes that system calls take. */
public final class SystemPaths {
  private SystemPaths() {}

  /**
   * The bytes of an absolute form of a path. They are taken from its URI, which keeps every byte of
   * a name, also where the locale has no character for it.
   *
   * @throws RegionException if the path is not of the system's own files
   */
  public static byte[] bytes(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new RegionException(
          Status.INVALID_ARGUMENT,
          RegionException.NO_OFFSET,
          path.toString(),
          "a region must be a file of the system, not of " + path.getFileSystem());
    }
    String uri = path.toAbsolutePath().toUri().getRawPath();
    if (uri.length() > 1 && uri.endsWith("/")) { // added to the name of a folder
      uri = uri.substring(0, uri.length() - 1);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length());
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(uri, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toByteArray();
  }
}
