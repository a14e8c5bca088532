package io.github.zerotouchclone.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A horizontal plot with error bars as SVG that needs nothing but itself and follows the reader's
 * light or dark theme.
 */
final class Plot {

  private static final int WIDTH = 1080;
  private static final int LABELS = 450;
  private static final int RIGHT = 150;
  private static final int ROW = 22;
  private static final int TOP = 58;
  private static final String STYLE =
      """
      <style>
        :root { --ground: #ffffff; --ink: #1b1f24; --soft: #5c6670; --grid: #d5dae0;
                --ours: #0b6bcb; --other: #8a94a0; --good: #1a7f37; --bad: #cf222e; --open: #9a6700; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9aa5b1; --grid: #30363d;
                  --ours: #58a6ff; --other: #768390; --good: #3fb950; --bad: #f85149; --open: #d29922; }
        }
        .ground { fill: var(--ground); } text { fill: var(--ink); font: 13px sans-serif; }
        .title { font-weight: bold; font-size: 15px; } .soft { fill: var(--soft); }
        .grid { stroke: var(--grid); } .mark { stroke: var(--ink); stroke-dasharray: 4 3; }
        .whisker { stroke: var(--ink); stroke-width: 1.5; }
        .ours { fill: var(--ours); } .other { fill: var(--other); } .good { fill: var(--good); }
        .bad { fill: var(--bad); } .open { fill: var(--open); }
      </style>
      """;

  /**
   * A row.
   *
   * @param label at the left
   * @param value the bar or dot
   * @param low left end of the error bar
   * @param high right end
   * @param kind {@code ours}, {@code other}, {@code good}, {@code bad} or {@code open}
   * @param note at the right
   */
  record Row(String label, double value, double low, double high, String kind, String note) {}

  private final String title;
  private final String subtitle;
  private final List<Row> rows = new ArrayList<>();
  private final boolean dots;

  private Plot(String title, String subtitle, boolean dots) {
    this.title = title;
    this.subtitle = subtitle;
    this.dots = dots;
  }

  /** A plot of bars that begin at 0. */
  static Plot bars(String title, String subtitle) {
    return new Plot(title, subtitle, false);
  }

  /** A plot of dots on a logarithmic scale, with a line at 1. */
  static Plot dots(String title, String subtitle) {
    return new Plot(title, subtitle, true);
  }

  Plot row(Row row) {
    rows.add(row);
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  @Override
  public String toString() {
    int height = TOP + ROW * rows.size() + 34;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                + " aria-label=\"%s\">%n",
            WIDTH, height, escape(title)));
    svg.append(STYLE);
    svg.append("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    text(svg, 12, 24, "title", "start", title);
    text(svg, 12, 43, "soft", "start", subtitle);
    grid(svg, height);
    for (int i = 0; i < rows.size(); i++) {
      row(svg, rows.get(i), TOP + ROW * i);
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(StringBuilder svg, int height) {
    for (double tick : ticks()) {
      double x = place(tick);
      boolean mark = dots && tick == 1;
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>%n",
              mark ? "mark" : "grid",
              x,
              x,
              TOP - 4,
              height - 26));
      text(svg, x, height - 10, "soft", "middle", Text.figure(tick));
    }
  }

  private void row(StringBuilder svg, Row row, double y) {
    double middle = y + ROW / 2.0;
    text(svg, LABELS - 10, middle + 4, "", "end", row.label());
    double x = place(row.value());
    if (dots) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>%n",
              row.kind(),
              x,
              middle));
    } else {
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>%n",
              row.kind(),
              LABELS,
              y + 4,
              Math.max(x - LABELS, 1),
              ROW - 8));
    }
    double from = place(row.low());
    double to = place(row.high());
    svg.append(
        String.format(
            Locale.ROOT,
            "<path class=\"whisker\" fill=\"none\" d=\"M%.1f %.1fV%.1fM%.1f %.1fH%.1fM%.1f"
                + " %.1fV%.1f\"/>%n",
            from,
            middle - 4,
            middle + 4,
            from,
            middle,
            to,
            to,
            middle - 4,
            middle + 4));
    text(svg, WIDTH - RIGHT + 14, middle + 4, "soft", "start", row.note());
  }

  // ------------------------------------------------------------------------------------- scale

  private double smallest() {
    double low = rows.stream().mapToDouble(Row::low).filter(v -> v > 0).min().orElse(1);
    return Math.max(Math.min(low, 0.8), 1e-3);
  }

  private double largest() {
    double high = rows.stream().mapToDouble(Row::high).max().orElse(1);
    return dots ? Math.max(high, 1.25) : high > 0 ? high : 1;
  }

  private double place(double value) {
    double span = WIDTH - LABELS - RIGHT;
    if (dots) {
      double from = Math.log(smallest());
      double at = Math.log(Math.max(value, smallest()));
      return LABELS + span * (at - from) / (Math.log(largest()) - from);
    }
    return LABELS + span * value / largest();
  }

  private List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (dots) {
      for (double tick : new double[] {0.001, 0.01, 0.03, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 100}) {
        if (tick >= smallest() && tick <= largest()) {
          ticks.add(tick);
        }
      }
      return ticks;
    }
    double step = Math.pow(10, Math.floor(Math.log10(largest())));
    step = largest() / step < 2 ? step / 5 : largest() / step < 5 ? step / 2 : step;
    for (int i = 0; i * step <= largest(); i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private static void text(
      StringBuilder svg, double x, double y, String kind, String anchor, String words) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            kind,
            x,
            y,
            anchor,
            escape(words)));
  }

  private static String escape(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
