package io.github.zerotouchclone.cli;

/** A record of an input cannot be stored; says where in the input, and what is wrong. */
final class BadInput extends Exception {
  private static final long serialVersionUID = 1;

  private final long line;
  private final long column;

  /**
   * @param line from 1
   * @param column from 1, in characters
   */
  BadInput(long line, long column, String message) {
    super(message, null, false, false);
    this.line = line;
    this.column = column;
  }

  long line() {
    return line;
  }

  long column() {
    return column;
  }

  /** The same in another line, if places were counted from the line's start. */
  BadInput inLine(long number) {
    return new BadInput(number, column, getMessage());
  }

  /** The same with something more to say. */
  BadInput with(String more) {
    return new BadInput(line, column, getMessage() + more);
  }

  /** The message for people: {@code file:line:column: what}. */
  String at(String file) {
    return file + ":" + line + ":" + column + ": " + getMessage();
  }
}
