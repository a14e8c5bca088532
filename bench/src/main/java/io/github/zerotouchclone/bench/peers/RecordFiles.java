package io.github.zerotouchclone.bench.peers;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.bench.data.MailJobs;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of the mail jobs in a folder: the region, and what each peer stores. Made when first
 * asked for and kept for the next run; a file that was not finished is made again. Whoever wrote
 * them, they are in the page cache as files that were read in order.
 */
public final class RecordFiles {

  private static final String FINISHED = "finished";

  /** What the stores are called that hold the bytes of the region's records. */
  private static final String IMAGE = "image";

  private final Path folder;
  private final int count;
  private final MailJobs jobs;

  /**
   * Names a folder.
   *
   * @param folder where the files are, or will be
   * @param count how many records
   */
  public RecordFiles(Path folder, int count) {
    this.folder = folder;
    this.count = count;
    jobs = new MailJobs(count);
  }

  /** The number of records. */
  public int count() {
    return count;
  }

  /** The source of the records. */
  public MailJobs jobs() {
    return jobs;
  }

  /** The region; written if it is not there, or is of another version of the format. */
  public Path region() throws IOException {
    Path path = regionPath();
    if (!canBeOpened(path)) {
      Files.createDirectories(folder);
      for (Store.Kind kind : Store.Kind.values()) {
        remove(folder.resolve(kind.id() + "-" + IMAGE + "-" + count));
      }
      try (RegionWriter writer = RegionWriter.create(path)) {
        jobs.forEach((index, job) -> writer.add(job));
        writer.publish();
      }
      PageCache.readInOrder(path);
    }
    return path;
  }

  /** Has the kernel keep all files that there are alike: as if each had just been read in order. */
  public void readInOrder() throws IOException {
    if (Files.exists(regionPath())) {
      PageCache.readInOrder(regionPath());
    }
    for (Store.Kind kind : Store.Kind.values()) {
      try (DirectoryStream<Path> stores =
          Files.newDirectoryStream(folder, kind.id() + "-*-" + count)) {
        for (Path store : stores) {
          readInOrder(store);
        }
      }
    }
  }

  private static void readInOrder(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        PageCache.readInOrder(file);
      }
    }
  }

  /** Bytes of the region, 0 if it is not there. */
  public long regionBytes() throws IOException {
    return Files.exists(regionPath()) ? Files.size(regionPath()) : 0;
  }

  private Path regionPath() {
    return folder.resolve("mail-" + count + ".ztc");
  }

  private static boolean canBeOpened(Path path) {
    try (Region region = Region.open(path)) {
      return region.isOpen();
    } catch (RegionException e) {
      return false;
    }
  }

  /** The folder of a store with encoded values. */
  Path encoded(Store.Kind kind, String codec, Form form) throws IOException {
    String writer = Codec.writerOf(codec);
    Codec encoder = Codec.of(writer, form);
    return store(kind, writer + "-" + form.id(), i -> encoder.encode(form.of(jobs, i)));
  }

  /** The folder of a store whose values are the bytes that the region has for the records. */
  Path images(Store.Kind kind) throws IOException {
    RegionExtents extents = RegionExtents.open(region());
    return store(kind, IMAGE, extents::get);
  }

  private Path store(Store.Kind kind, String content, Store.Source source) throws IOException {
    Path path = folder.resolve(kind.id() + "-" + content + "-" + count);
    if (!Files.exists(path.resolve(FINISHED))) {
      remove(path);
      Files.createDirectories(path);
      kind.build(path, count, source);
      readInOrder(path);
      Files.createFile(path.resolve(FINISHED));
    }
    return path;
  }

  /** Bytes of all files in a folder. */
  static long sizeOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  private static void remove(Path path) throws IOException {
    if (Files.exists(path)) {
      List<Path> all;
      try (Stream<Path> files = Files.walk(path)) {
        all = files.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }
}
