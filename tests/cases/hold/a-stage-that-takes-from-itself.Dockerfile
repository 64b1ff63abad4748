FROM 8 AS Builder
COPY --from=Builder / /
