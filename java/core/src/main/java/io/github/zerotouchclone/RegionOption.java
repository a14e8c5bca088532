package io.github.zerotouchclone;

/**
 * How a region is opened: at most one level of verification, and options.
 *
 * <p>Whatever the level, no bytes of a region can crash the process or make it read outside of the
 * region; the levels differ in which damage is noticed when.
 *
 * <p>Immutable; any thread.
 */
public enum RegionOption {
  /** Header fields and bounds only; no checksum is computed at open. */
  VERIFY_NONE(0x1, true),
  /** The default: header, directory and schema with their checksums, and all bounds. */
  VERIFY_HEADER(0x0, true),
  /**
   * As {@link #VERIFY_HEADER}, and the checksum of every record when it is copied. The key index
   * has but one checksum, which would make opening take O(keys) and is looked at by {@link
   * #VERIFY_ALL} alone: with a flipped bit in the index, a look-up by a key that was stored may
   * find nothing, but not another record; with more damage, or by another key, it may find one,
   * though it mostly fails.
   */
  VERIFY_RECORD(0x2, true),
  /** Every byte, as {@link Region#validate}, before the open returns; takes time O(region). */
  VERIFY_ALL(0x3, true),
  /** Reads all pages of the file into memory before the open returns. */
  PRELOAD(0x200, false),
  /**
   * Reads from sealed memory only, which nobody can change or shorten: the file is copied into it
   * at open, O(size) and private to this region, unless it is sealed memory already. For files
   * whose owner is not trusted to leave them alone. What the bytes were before, the levels of
   * verification say.
   */
  SEALED(0x400, false),
  /**
   * Maps the file private and writable instead of shared and read-only, so that an audit of pages
   * can see writes that the kernel would otherwise refuse. For tests of this library; the
   * environment variable {@code ZTC_AUDIT=1} does the same to every region that the process opens.
   */
  AUDIT(0x100, false);

  private final int bits;
  private final boolean level;

  RegionOption(int bits, boolean level) {
    this.bits = bits;
    this.level = level;
  }

  static int flags(RegionOption... options) {
    int flags = 0;
    RegionOption level = null;
    for (RegionOption option : options) {
      if (option.level) {
        if (level != null && level != option) {
          throw new RegionException(
              Status.INVALID_ARGUMENT,
              RegionException.NO_OFFSET,
              null,
              level + " and " + option + " exclude each other");
        }
        level = option;
      }
      flags |= option.bits;
    }
    return flags;
  }
}
