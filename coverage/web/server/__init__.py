"""The app as a server: addresses, headers, who is signed in, and what keeps pages quick."""
