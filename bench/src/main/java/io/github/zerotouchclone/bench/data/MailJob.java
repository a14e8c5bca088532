package io.github.zerotouchclone.bench.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One message that a mail worker has to send.
 *
 * @param id the index of the record
 * @param to the recipient's address
 * @param name the recipient's name; some are Latin-1
 * @param subject the subject; about one in a hundred is not Latin-1
 * @param body about 200 characters of text
 * @param tags two to five distinct tags
 * @param prefs what the recipient wants
 * @param created milliseconds since 1970-01-01T00:00Z
 */
public record MailJob(
    long id,
    String to,
    String name,
    String subject,
    String body,
    List<String> tags,
    Prefs prefs,
    long created) {

  /**
   * What a recipient wants.
   *
   * @param html whether to send HTML
   * @param lang two-letter language code
   * @param score from 0 (inclusive) to 100 (exclusive)
   * @param token 32 hexadecimal digits
   */
  public record Prefs(boolean html, String lang, double score, String token) {

    /** Returns the same preferences as a fresh map. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("html", html);
      map.put("lang", lang);
      map.put("score", score);
      map.put("token", token);
      return map;
    }
  }

  /** Returns the same job as a fresh map. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", id);
    map.put("to", to);
    map.put("name", name);
    map.put("subject", subject);
    map.put("body", body);
    map.put("tags", new ArrayList<>(tags));
    map.put("prefs", prefs.toMap());
    map.put("created", created);
    return map;
  }
}
