package io.github.zerotouchclone.bench.data;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@link MailJob} as a bean: a constructor without parameters, getters and setters. Mutable; not
 * safe for use by several threads at once.
 */
public final class MailJobBean {

  private long id;
  private String to;
  private String name;
  private String subject;
  private String body;
  private List<String> tags;
  private Prefs prefs;
  private long created;

  /** What a recipient wants. */
  public static final class Prefs {

    private boolean html;
    private String lang;
    private double score;
    private String token;

    /** Makes empty preferences. */
    public Prefs() {}

    /** Returns whether to send HTML. */
    public boolean isHtml() {
      return html;
    }

    /** Sets whether to send HTML. */
    public void setHtml(boolean html) {
      this.html = html;
    }

    /** Returns the language code. */
    public String getLang() {
      return lang;
    }

    /** Sets the language code. */
    public void setLang(String lang) {
      this.lang = lang;
    }

    /** Returns the score. */
    public double getScore() {
      return score;
    }

    /** Sets the score. */
    public void setScore(double score) {
      this.score = score;
    }

    /** Returns the token. */
    public String getToken() {
      return token;
    }

    /** Sets the token. */
    public void setToken(String token) {
      this.token = token;
    }
  }

  /** Makes an empty job. */
  public MailJobBean() {}

  /**
   * Makes a bean with the values of a record.
   *
   * @param job the values
   * @return a fresh bean that shares nothing mutable with it
   */
  public static MailJobBean of(MailJob job) {
    Prefs prefs = new Prefs();
    prefs.setHtml(job.prefs().html());
    prefs.setLang(job.prefs().lang());
    prefs.setScore(job.prefs().score());
    prefs.setToken(job.prefs().token());
    MailJobBean bean = new MailJobBean();
    bean.setId(job.id());
    bean.setTo(job.to());
    bean.setName(job.name());
    bean.setSubject(job.subject());
    bean.setBody(job.body());
    bean.setTags(new ArrayList<>(job.tags()));
    bean.setPrefs(prefs);
    bean.setCreated(job.created());
    return bean;
  }

  /** Returns a record with the same values. */
  public MailJob toRecord() {
    return new MailJob(
        id,
        to,
        name,
        subject,
        body,
        tags,
        new MailJob.Prefs(prefs.html, prefs.lang, prefs.score, prefs.token),
        created);
  }

  /** Returns the index of the record. */
  public long getId() {
    return id;
  }

  /** Sets the index of the record. */
  public void setId(long id) {
    this.id = id;
  }

  /** Returns the recipient's address. */
  public String getTo() {
    return to;
  }

  /** Sets the recipient's address. */
  public void setTo(String to) {
    this.to = to;
  }

  /** Returns the recipient's name. */
  public String getName() {
    return name;
  }

  /** Sets the recipient's name. */
  public void setName(String name) {
    this.name = name;
  }

  /** Returns the subject. */
  public String getSubject() {
    return subject;
  }

  /** Sets the subject. */
  public void setSubject(String subject) {
    this.subject = subject;
  }

  /** Returns the body. */
  public String getBody() {
    return body;
  }

  /** Sets the body. */
  public void setBody(String body) {
    this.body = body;
  }

  /** Returns the tags. */
  public List<String> getTags() {
    return tags;
  }

  /** Sets the tags. */
  public void setTags(List<String> tags) {
    this.tags = tags;
  }

  /** Returns the preferences. */
  public Prefs getPrefs() {
    return prefs;
  }

  /** Sets the preferences. */
  public void setPrefs(Prefs prefs) {
    this.prefs = prefs;
  }

  /** Returns the time of creation. */
  public long getCreated() {
    return created;
  }

  /** Sets the time of creation. */
  public void setCreated(long created) {
    this.created = created;
  }
}
