/**
 * Private deep copies of records out of one shared, read-only region, without one write to a source
 * page.
 *
 * <p>The module calls native code. Start the program with {@code
 * --enable-native-access=io.github.zerotouchclone} when this jar is on the module path, with {@code
 * --enable-native-access=ALL-UNNAMED} when it is on the class path; an executable jar can say
 * {@code Enable-Native-Access: ALL-UNNAMED} in its manifest instead. JDK 24 and later print a
 * warning otherwise.
 */
@SuppressWarnings("module") // the modules that it exports to are built after it
module io.github.zerotouchclone {
  requires static org.jspecify; // annotations, which nothing needs at run time

  exports io.github.zerotouchclone;
  exports io.github.zerotouchclone.internal to
      io.github.zerotouchclone.json,
      io.github.zerotouchclone.junit;
}
