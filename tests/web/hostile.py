"""Names that would run in a page that is not careful."""

NAMES = (
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "${window.hacked=1}",
    "{{ 7 * 7 }}",
    '"><svg onload=window.hacked=1>',
    "'); window.hacked=1; ('",
    "![gambar](http://example.com/x.png) [tautan](http://example.com)",
    "\u202eterbalik \u2028 <b>tebal</b>",
)
