/**
 * The query API of tagger and the SPI of collectors. The module depends on the JDK alone, so that a plugin inherits no
 * version of any library.
 *
 * <p>Null: no method takes or returns {@code null}, unless its documentation permits {@code null}; a {@code null}
 * argument causes a {@link java.lang.NullPointerException}.
 */
module io.tagger.api {
    exports io.tagger.api;
    exports io.tagger.api.collector;

    uses io.tagger.api.TaggerProvider;
}
