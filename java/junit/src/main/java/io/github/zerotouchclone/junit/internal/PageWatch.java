package io.github.zerotouchclone.junit.internal;

/**
 * What the kernel tells about pages of this process. Pages are counted from {@code base}; answers
 * are the first and last page of each run, one after the other, ascending.
 *
 * <p>Any thread. Methods throw {@link IllegalStateException} with the kernel's reason.
 */
public interface PageWatch {
  /** Why writes cannot be watched in this process, or null if they can. */
  String unavailable();

  /** Bytes of a page. */
  int pageSize();

  /**
   * Write-protects pages so that the kernel notes the first write to each, and lets it through.
   *
   * @return what {@link #release} takes; the protection lasts until then
   */
  int arm(long base, long pages);

  /** Ends the protection. */
  void release(int armed);

  /** The pages that were written since they were armed. */
  long[] written(long base, long pages);

  /** The pages of a private file mapping that are this process's own copies. */
  long[] copied(long base, long pages);

  /** Stores the byte at an address to that address. */
  void storeSilently(long address);
}
