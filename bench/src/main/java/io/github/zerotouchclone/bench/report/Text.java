package io.github.zerotouchclone.bench.report;

import io.github.zerotouchclone.bench.measure.Measurement;
import java.util.List;
import java.util.Locale;

/** Figures and tables as Markdown. */
final class Text {

  private Text() {}

  /** Three digits that mean something, whatever the size. */
  static String figure(double value) {
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    if (size >= 10_000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    if (size >= 100) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    if (size >= 10) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
    return size >= 0.01
        ? String.format(Locale.ROOT, "%.2f", value)
        : String.format(Locale.ROOT, "%.1e", value);
  }

  /** The estimate and its interval. */
  static String interval(Measurement measurement) {
    return figure(measurement.estimate())
        + " ["
        + figure(measurement.low())
        + ", "
        + figure(measurement.high())
        + "]";
  }

  /** The median, the smallest and the largest of a side. */
  static String spread(Measurement.Side side) {
    return figure(side.median()) + " (" + figure(side.min()) + "–" + figure(side.max()) + ")";
  }

  /** A table; columns of figures are flush right. */
  static String table(List<String> head, List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    line(text, head);
    text.append('|');
    for (int c = 0; c < head.size(); c++) {
      int column = c;
      boolean figures =
          rows.stream()
              .map(row -> row.get(column))
              .allMatch(cell -> cell.isEmpty() || cell.matches("[≤≥-]? ?\\d.*"));
      text.append(figures && !head.get(c).isEmpty() ? " ---: |" : " --- |");
    }
    text.append('\n');
    rows.forEach(row -> line(text, row));
    return text.append('\n').toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append('|');
    for (String cell : cells) {
      text.append(' ').append(cell.replace("|", "\\|").replace("\n", " ")).append(" |");
    }
    text.append('\n');
  }
}
