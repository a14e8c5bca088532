package io.github.zerotouchclone.bench.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Generated mail jobs of about 500 bytes of JSON. A job depends on its index and the seed alone, so
 * any of them is made again at will and a larger set begins with the smaller one.
 *
 * <p>Safe for any number of threads.
 */
public final class MailJobs implements DataSet {

  /** The seed of the demo and the benchmarks. */
  public static final long DEFAULT_SEED = 20250101L;

  private static final String[] WORDS =
      ("account action again already always answer available because before below better between"
              + " book both box bring button by can card change check choose click close code come"
              + " complete confirm contact copy daily date day delivery detail discover do door"
              + " early easy end enjoy every extra find first follow for free from full gift give"
              + " great group guide happy have help here home how if important in inside is it item"
              + " join just keep know last later learn letter like list little long look made"
              + " manage many member message month more most need never new next news not now of"
              + " offer on only open or order our out over own page part pay people place plan"
              + " please price question quick read ready receive reply safe save season see send"
              + " set share shop short simple soon special start stay still store story support"
              + " take team thank that the their there this time to today together top try until"
              + " up update use very visit wait want was way we week welcome what when which will"
              + " with within without work world year you your")
          .split(" ");

  private static final String[] FIRST_NAMES =
      ("Aiko Amélie Andrés Ayse Björn Carmen Chloé Daniel Emil Fatima François Gerda Hannah Ivan"
              + " Jürgen Kofi Lars Leïla Lucía Maria Mikkel Noël Nina Olu Peter Priya René Sofía"
              + " Søren Thomas Vera Wei Yann Zoë")
          .split(" ");

  private static final String[] LAST_NAMES =
      ("Abe Andersson Bauer Bianchi Castaño Cohen Costa Delacroix Diaz Eriksen Fischer Gagné"
              + " García Hoang Ibrahim Jansen Johansson Kaya Köhler Lefèvre Li López Mendes Müller"
              + " Mwangi Nguyen Núñez Öberg Park Patel Popa Rossi Sato Schäfer Smith Suzuki Taylor"
              + " Weiß Young")
          .split(" ");

  /**
   * Each needs UTF-8: Japanese, Cyrillic, Greek, Hangul, Devanagari, and beyond the first plane.
   */
  private static final String[] GREETINGS = {
    "お知らせ", "Новости недели", "Καλημέρα", "새로운 소식", "नमस्ते", "🎉📬"
  };

  private static final String[] TAGS =
      ("alert beta birthday invoice newsletter onboarding promo receipt reminder renewal survey"
              + " trial vip weekly")
          .split(" ");

  private static final String[] LANGUAGES =
      "da de en es fi fr it ja ko nl no pl pt sv tr zh".split(" ");

  private static final String HEX_DIGITS = "0123456789abcdef";

  /** 2023-11-14T22:13:20Z; jobs are made over the year that follows. */
  private static final long FIRST_CREATED = 1_700_000_000_000L;

  private static final double MILLISECONDS_A_YEAR = 365.0 * 24 * 60 * 60 * 1000;

  private final long count;
  private final long seed;

  /**
   * Describes a set; nothing is made yet.
   *
   * @param count the number of jobs, not negative
   * @param seed other seeds give other jobs
   */
  public MailJobs(long count, long seed) {
    if (count < 0) {
      throw new IllegalArgumentException("count must not be negative: " + count);
    }
    this.count = count;
    this.seed = seed;
  }

  /**
   * Describes a set with the default seed.
   *
   * @param count the number of jobs, not negative
   */
  public MailJobs(long count) {
    this(count, DEFAULT_SEED);
  }

  @Override
  public String name() {
    return "mail";
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public Map<String, Object> record(long index) {
    return job(index).toMap();
  }

  /**
   * Makes one job.
   *
   * @param index from 0 to {@link #count()} - 1
   * @return the job
   * @throws IndexOutOfBoundsException if there is no such job
   */
  public MailJob job(long index) {
    Objects.checkIndex(index, count);
    SplitMix random = new SplitMix(seed, index);
    String to = "user" + random.below(100_000_000) + "@mail" + random.below(500) + ".example.com";
    String name = random.oneOf(FIRST_NAMES) + ' ' + random.oneOf(LAST_NAMES);
    String subject = text(random, 20 + random.below(28));
    if (random.below(100) == 0) {
      subject = random.oneOf(GREETINGS) + ' ' + subject;
    }
    String body = text(random, 170 + random.below(55));
    List<String> tags = tags(random, 2 + random.below(4));
    MailJob.Prefs prefs =
        new MailJob.Prefs(
            random.below(2) == 1,
            random.oneOf(LANGUAGES),
            random.fraction() * 100,
            hex(random) + hex(random));
    long created = FIRST_CREATED + (long) (random.fraction() * MILLISECONDS_A_YEAR);
    return new MailJob(index, to, name, subject, body, tags, prefs, created);
  }

  private static String text(SplitMix random, int atLeast) {
    StringBuilder text = new StringBuilder(atLeast + 10).append(random.oneOf(WORDS));
    while (text.length() < atLeast) {
      text.append(' ').append(random.oneOf(WORDS));
    }
    return text.toString();
  }

  private static List<String> tags(SplitMix random, int count) {
    List<String> tags = new ArrayList<>(count);
    while (tags.size() < count) {
      String tag = random.oneOf(TAGS);
      if (!tags.contains(tag)) {
        tags.add(tag);
      }
    }
    return tags;
  }

  private static String hex(SplitMix random) {
    long bits = random.next();
    StringBuilder text = new StringBuilder(16);
    for (int shift = 60; shift >= 0; shift -= 4) {
      text.append(HEX_DIGITS.charAt((int) (bits >>> shift) & 0xf));
    }
    return text.toString();
  }
}
