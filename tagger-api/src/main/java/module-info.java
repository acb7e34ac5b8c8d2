/**
 * The query API of tagger and the SPI that collectors implement. It needs nothing but the JDK, so that a plugin which
 * depends on it inherits no version of anything.
 *
 * <p>Null: no method here takes or returns {@code null}, unless its documentation says so; a {@code null} argument is a
 * {@link java.lang.NullPointerException}.
 */
module io.tagger.api {
    exports io.tagger.api;
    exports io.tagger.api.collector;

    uses io.tagger.api.TaggerProvider;
}
