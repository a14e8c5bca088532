/**
 * A JUnit 5 extension that proves, page by page, that a test leaves a region as shared as it was.
 *
 * <p>The module calls native code. On the module path start the tests with {@code
 * --enable-native-access=io.github.zerotouchclone,io.github.zerotouchclone.junit}, on the class
 * path with {@code --enable-native-access=ALL-UNNAMED}.
 */
module io.github.zerotouchclone.junit {
  requires transitive io.github.zerotouchclone;
  requires transitive org.junit.jupiter.api;

  exports io.github.zerotouchclone.junit;
}
