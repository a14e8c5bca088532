/** Jackson streaming for ZeroTouchClone: any {@code JsonParser} in, and a copy as one out. */
module io.github.zerotouchclone.json {
  requires transitive io.github.zerotouchclone;
  requires transitive com.fasterxml.jackson.core;
  requires static org.jspecify; // annotations, which nothing needs at run time

  exports io.github.zerotouchclone.json;
}
