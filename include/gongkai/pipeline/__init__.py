"""The steps that DAG tasks and command line share: collect, extract, check, settle, load, publish."""
