/** Jackson streaming for ZeroTouchClone: any {@code JsonParser} in, and a copy as one out. */
module io.github.zerotouchclone.json {
  requires transitive io.github.zerotouchclone;
  requires transitive com.fasterxml.jackson.core;

  exports io.github.zerotouchclone.json;
}
