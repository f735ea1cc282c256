package fetch

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The clocks of two machines differ, and may jump. Whatever pause a server
// requests, the next try comes soon, and the number of tries is limited.
func TestPausesDoNotFollowTheClock(t *testing.T) {
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, after := range map[string]string{
		"an hour ahead":   at(time.Hour),
		"a century ahead": at(100 * 365 * 24 * time.Hour),
		"a year ago":      at(-365 * 24 * time.Hour),
		"a day":           "86400",
		"before 1970":     "Wed, 01 Jan 1902 00:00:00 GMT",
		"less than none":  "-5",
		"no time at all":  "soon",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, count := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
				if number <= 2 {
					w.Header().Set("Retry-After", after)
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				whole(w, r)
			})
			r := request(t, url)
			started := time.Now()
			require.NoError(t, quick.File(t.Context(), r))
			requireFetched(t, r)
			assert.EqualValues(t, 3, count.Load())
			assert.Less(t, time.Since(started), 10*time.Second)
		})
	}
}

// The content decides about a file, not its date.
func TestDatesOfFilesDoNotMatter(t *testing.T) {
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Date", "Wed, 01 Jan 2098 00:00:00 GMT")
		w.Header().Set("Last-Modified", "Wed, 01 Jan 2098 00:00:00 GMT")
		whole(w, r)
	})
	r := request(t, url)
	for range 2 {
		require.NoError(t, quick.File(t.Context(), r))
		requireFetched(t, r)
	}
	assert.EqualValues(t, 1, count.Load())
}
