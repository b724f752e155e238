"""Reading multipart/form-data as it streams in, part by part, from clients of any speed and honesty."""

READ_BYTES = 256 * 1024
