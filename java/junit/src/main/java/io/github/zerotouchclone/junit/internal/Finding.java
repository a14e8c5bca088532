package io.github.zerotouchclone.junit.internal;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.internal.RegionAccess;
import java.nio.file.Path;

/** Pages that a test un-shared, told with the records that lie in them. */
record Finding(Region region, long pages, int pageSize, Ranges written, Ranges copied) {
  private static final int MOST_PAGES = 10;

  String describe(Path file, String proof) {
    Ranges all = written.union(copied);
    long[] listed = all.head(MOST_PAGES);
    Ranges[] records = recordsIn(listed);
    StringBuilder text = new StringBuilder();
    text.append("page diff of ").append(file).append(": the test un-shared ");
    text.append(all.size()).append(" of ").append(pages).append(" pages: ").append(all);
    for (int i = 0; i < listed.length; i++) {
      long page = listed[i];
      text.append("\n  page ").append(page).append(" (bytes ").append(page * pageSize);
      text.append(" to ").append((page + 1) * pageSize - 1).append("): ");
      text.append(records[i].isEmpty() ? "no record" : "records " + records[i]);
      if (!written.contains(page)) {
        text.append("; copied without a write (mlock, or a remote access, for instance)");
      } else if (!copied.contains(page)) {
        text.append("; written, and the copy was dropped again");
      }
    }
    if (all.size() > listed.length) {
      text.append("\n  and ").append(all.size() - listed.length).append(" more pages");
    }
    text.append("\nWitnesses: PAGEMAP_SCAN with asynchronous userfaultfd write-protection: ");
    text.append(written).append("; pagemap bit 61: ").append(copied);
    text.append("\nProved before the test: both report ").append(proof);
    text.append(" of a spare mapping, and nothing else");
    text.append("\nKernel: Linux ").append(System.getProperty("os.version"));
    text.append(", pages of ").append(pageSize);
    text.append(" bytes; mapping: private and writable over the file");
    return text.toString();
  }

  /** The records that have a byte in each of these pages. */
  private Ranges[] recordsIn(long[] listed) {
    Ranges[] records = new Ranges[listed.length];
    for (int i = 0; i < listed.length; i++) {
      records[i] = new Ranges();
    }
    long count = region.count();
    for (long record = 0; record < count; record++) {
      long offset = RegionAccess.recordOffset(region, record);
      long size = RegionAccess.recordSize(region, record);
      if (offset < 0 || size <= 0) {
        continue; // damaged, or the region was closed meanwhile
      }
      long first = offset / pageSize;
      long last = (offset + size - 1) / pageSize;
      for (int i = 0; i < listed.length; i++) {
        if (first <= listed[i] && listed[i] <= last) {
          records[i].add(record);
        }
      }
    }
    return records;
  }
}
