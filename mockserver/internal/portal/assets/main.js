// The pages begin here.
