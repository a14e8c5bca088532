package io.github.zerotouchclone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells whether a line of a process' table of mappings is of the file that is at a path, or of one
 * that was there before.
 *
 * <p>The file that is there now is known by device and inode, whatever name it was opened by. Some
 * file systems show another device in the table, so that its name counts as well. One that was
 * there before is known by its name alone: it was replaced by a rename; or a link on the way, which
 * leads from one folder to the next, leads elsewhere now.
 */
final class MappedFile {
  /** What a mapping is of. */
  enum Which {
    CURRENT,
    OLD,
    NEITHER
  }

  private static final int MAX_LINKS = 40;
  private static final String DELETED = " (deleted)";

  private final String name;
  private final String place; // device and inode, as the table says them
  private final List<Pattern> before;

  /** The file that is at a path now. */
  static MappedFile at(Path path) {
    try {
      long device = ((Number) Files.getAttribute(path, "unix:dev")).longValue();
      long inode = ((Number) Files.getAttribute(path, "unix:ino")).longValue();
      return new MappedFile(
          escaped(path.toRealPath().toString()), place(device, inode), before(path));
    } catch (IOException e) {
      throw Failure.of(path.toString(), e);
    }
  }

  private MappedFile(String name, String place, List<Pattern> before) {
    this.name = name;
    this.place = place;
    this.before = before;
  }

  /** The kernel's way to pack the two numbers of a device. */
  private static String place(long device, long inode) {
    long major = (device >> 8 & 0xfff) | (device >> 32 & 0xfffff000L);
    long minor = (device & 0xff) | (device >> 12 & 0xffffff00L);
    return " %02x:%02x %d ".formatted(major, minor, inode);
  }

  private static String escaped(String path) {
    return path.replace("\n", "\\012");
  }

  /** Names that the path had when links on the way to it led to other folders beside their own. */
  private static List<Pattern> before(Path path) throws IOException {
    List<Pattern> names = new ArrayList<>();
    Path folder = Path.of("/");
    Deque<Path> rest = new ArrayDeque<>();
    path.toAbsolutePath().forEach(rest::add);
    for (int links = 0; !rest.isEmpty() && links < MAX_LINKS; ) {
      Path step = folder.resolve(rest.pop()).normalize();
      if (!Files.isSymbolicLink(step)) {
        folder = step;
        continue;
      }
      links++;
      Path target = Files.readSymbolicLink(step);
      if (target.getNameCount() == 1 && !target.isAbsolute() && !rest.isEmpty()) {
        String front = folder.equals(folder.getRoot()) ? "" : escaped(folder.toString());
        StringBuilder behind = new StringBuilder();
        rest.forEach(name -> behind.append('/').append(escaped(name.toString())));
        names.add(
            Pattern.compile(Pattern.quote(front + "/") + "[^/]+" + Pattern.quote("" + behind)));
      }
      List<Path> steps = new ArrayList<>();
      target.forEach(steps::add);
      for (int i = steps.size() - 1; i >= 0; i--) {
        rest.push(steps.get(i));
      }
      folder = target.isAbsolute() ? target.getRoot() : folder;
    }
    return names;
  }

  /** Whether a table may have a line about the file. */
  boolean mayBeIn(String table) {
    return table.contains(place) || table.contains(name) || !before.isEmpty();
  }

  /** What a line such as {@code 7f00-7f01 r--s 00000000 fe:01 77 /path} is about. */
  Which of(String line) {
    if (line.contains(place) || line.endsWith(" " + name)) {
      return Which.CURRENT;
    }
    int slash = line.indexOf('/');
    if (slash < 0 || !line.endsWith(DELETED)) {
      return Which.NEITHER;
    }
    String gone = line.substring(slash, line.length() - DELETED.length());
    boolean old = gone.equals(name) || before.stream().anyMatch(p -> p.matcher(gone).matches());
    return old ? Which.OLD : Which.NEITHER;
  }
}
